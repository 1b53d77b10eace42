"""Files made to hurt: a clear refusal, nothing changed, and no word of what is in other people's files."""

import os

import pytest
from doctor_patient import API_KEY, HEALTHY, changed, findings_of, lay_out, measured

from mww_studio.errors import StudioError
from mww_studio.esphome.doctor.diagnose import diagnose
from mww_studio.esphome.doctor.differences import difference
from mww_studio.esphome.doctor.mending import plan_mending

LAUGHS = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
MARK = "tell-nobody"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(LAUGHS.encode(), "doctor.bomb", id="laughs"),
        pytest.param(b"a: &a [*a]\n", "doctor.bomb", id="an alias in itself"),
        pytest.param(b"a: " + b"[" * 5000, "doctor.bomb", id="brackets"),
        pytest.param(b"- " * 3000, "doctor.bomb", id="dashes"),
        pytest.param(b"{? " * 2000, "doctor.bomb", id="questions"),
        pytest.param(b"a: " + b"x" * 10_000_000, "doctor.too-big", id="a line of 10 MB"),
        pytest.param(b"a: " + b"x" * 100_000, "doctor.too-big", id="a long line"),
        pytest.param(b"a: 1\n" * 1_000_000, "doctor.too-big", id="many lines"),
        pytest.param(b"\x7fELF\x01\x02\x03", "doctor.no-text", id="binary"),
        pytest.param(b"wifi:\n  password: \xff\xff", "doctor.encoding", id="other bytes"),
        pytest.param("wifi:\n".encode("utf-16"), "doctor.encoding", id="utf-16"),
        pytest.param("wifi:\n".encode("utf-16-le"), "doctor.encoding", id="utf-16 without a mark"),
        pytest.param(b"wifi:\n\tpassword: x", "doctor.no-yaml", id="a tab"),
        pytest.param(b"a: 1\n---\nb: 2\n", "doctor.no-yaml", id="two documents"),
        pytest.param(f"a: *{MARK}\n".encode(), "doctor.no-yaml", id="no anchor"),
        pytest.param(f"{MARK} {{\n".encode(), "doctor.no-config", id="prose"),
        pytest.param(b"- a\n- b\n", "doctor.no-config", id="a list"),
        pytest.param(b"", "doctor.no-config", id="nothing"),
        pytest.param(b"# only this\n", "doctor.no-config", id="a comment"),
    ],
)
def test_what_cannot_be_read_is_refused_and_left_alone(tmp_path, content, code):
    path = tmp_path / "kitchen.yaml"
    path.write_bytes(content)
    with pytest.raises(StudioError) as refused:
        diagnose(path, measured)
    assert refused.value.code == code
    assert MARK not in str(refused.value)
    assert path.read_bytes() == content


@pytest.mark.skipif(os.name != "posix", reason="there are no such files")
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "circle", "nothing"])
def test_what_is_no_file_is_refused_without_waiting(tmp_path, kind):
    path = tmp_path / "kitchen.yaml"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    elif kind == "circle":
        path.symlink_to(path)
    with pytest.raises(StudioError) as refused:
        diagnose(path, measured)
    assert refused.value.code == {"nothing": "doctor.missing", "circle": "doctor.unreadable"}.get(
        kind, "doctor.no-file"
    )


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../outside.yaml", "include.outside"),
        ("/etc/passwd", "include.outside"),
        ("/dev/zero", "include.outside"),
        ("link.yaml", "include.outside"),
        ("kitchen.yaml", "include.circle"),
        ("other.yaml", "include.circle"),
        ("nowhere.yaml", "include.missing"),
        ("binary.yaml", "include.no-text"),
        ("broken.yaml", "include.no-yaml"),
        (".", "include.no-file"),
    ],
)
def test_an_include_that_cannot_be_followed_is_told_and_quotes_nothing(tmp_path, name, code):
    folder = tmp_path / "esphome"
    folder.mkdir()
    (tmp_path / "outside.yaml").write_text(f"secret_key: {MARK}\n")
    (folder / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (folder / "other.yaml").write_text("again: !include kitchen.yaml\n")
    (folder / "binary.yaml").write_bytes(MARK.encode() + b"\0\1\2")
    (folder / "broken.yaml").write_text(f"{MARK}: [{MARK}\n")
    found = diagnose(lay_out(folder, f"{HEALTHY}more: !include {name}\n"), measured)
    assert [one.code for one in found.findings] == [code]
    assert not found.complete
    assert MARK not in str(found.findings)


def test_includes_that_multiply_are_refused(tmp_path):
    for number in range(8):
        names = "".join(f"k{n}: !include f{number + 1}.yaml\n" for n in range(12))
        (tmp_path / f"f{number}.yaml").write_text(names)
    (tmp_path / "f8.yaml").write_text("a: 1\n")
    with pytest.raises(StudioError) as refused:
        diagnose(lay_out(tmp_path, f"{HEALTHY}more: !include f0.yaml\n"), measured)
    assert refused.value.code == "doctor.bomb"


def test_files_that_stand_deep_in_one_another_are_refused(tmp_path):
    inner = "".join("  " * n + f"k{n}:\n" for n in range(50)) + "  " * 50
    for number in range(50):
        (tmp_path / f"f{number}.yaml").write_text(f"{inner}x: !include f{number + 1}.yaml\n")
    (tmp_path / "f50.yaml").write_text("a: 1\n")
    with pytest.raises(StudioError) as refused:
        diagnose(lay_out(tmp_path, f"{HEALTHY}more: !include f0.yaml\n"), measured)
    assert refused.value.code == "doctor.bomb"


def test_a_manifest_or_model_outside_the_folder_is_not_looked_at(tmp_path):
    folder = tmp_path / "esphome"
    folder.mkdir()
    path = lay_out(folder)
    (tmp_path / "outside.json").write_text((folder / "hey_willow.json").read_text().replace("Anna", MARK))
    (folder / "hey_willow.json").unlink()
    (folder / "hey_willow.json").symlink_to(tmp_path / "outside.json")
    assert findings_of(path) == ["model.outside"]


def test_no_secret_stands_in_what_is_shown(tmp_path):
    text = changed(
        ("!secret wifi_password   #", f"'{MARK} # yes'  # was {MARK} # yes, password: {MARK}\n  #"),
        ("    key: !secret api_key", f"    key: {API_KEY}"),
        ("ssid: !secret wifi_ssid", f"ssid: {MARK}"),
        ("logger:\n", f"logger:\nhttp: https://anna:{MARK}@example.org/\n"),
        ("sample_rate: 16000", f"sample_rate: 8000 # password: {MARK}"),
        ("  micro_wake_word: mww\n", ""),
    )
    path = lay_out(tmp_path, text)
    found = diagnose(path, measured)
    plan = plan_mending(path, found, None, measured)
    shown = "".join(difference(change).describe() for change in plan.changes) + str(
        [vars(one)["what"] for one in found.findings]
    )
    assert "secrets.yaml" in shown
    assert MARK not in shown
    assert API_KEY not in shown
    assert "horse-battery" not in shown


def test_a_file_with_a_byte_order_mark_keeps_it(tmp_path):
    path = lay_out(tmp_path)
    path.write_bytes(b"\xef\xbb\xbf" + changed(("sample_rate: 16000", "sample_rate: 8000")).encode())
    (change,) = plan_mending(path, diagnose(path, measured), None, measured).changes
    assert change.after == b"\xef\xbb\xbf" + HEALTHY.encode()
