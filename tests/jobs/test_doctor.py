"""Mending on the disk: with a backup that overwrites nothing, wholly or not at all, and with a way back."""

import json
import os
import stat

import pytest
from doctor_patient import API_KEY, HEALTHY, changed, lay_out

from mww_studio.cli import main
from mww_studio.errors import Cancelled, StudioError
from mww_studio.esphome.program import ProgramResult
from mww_studio.jobs import doctor
from mww_studio.jobs.doctor import check_up, mend, put_back

ILL = changed(("sample_rate: 16000", "sample_rate: 44100"), ("  micro_wake_word: mww\n", ""))
CLEAR = changed(("!secret wifi_password   #", "'let me in'   #"), ("sample_rate: 16000", "sample_rate: 44100"))


@pytest.fixture(autouse=True)
def esphome(monkeypatch):
    """What ESPHome says, and nothing measured in a child process."""
    said = {"result": ProgramResult(True, "")}
    monkeypatch.setattr(doctor, "measure_arena_bytes", lambda _model: None)
    monkeypatch.setattr(doctor, "validate", lambda _path, _progress: said["result"])
    return said


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_looking_changes_nothing(tmp_path):
    path = lay_out(tmp_path, ILL)
    before = files(tmp_path)
    checkup = check_up(path)
    assert [one.code for one in checkup.findings] == ["microphone.rate", "link.missing"]
    assert files(tmp_path) == before


def test_a_backup_is_kept_and_never_overwrites_one(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor.time, "strftime", lambda _format: "20260102-030405")
    path = lay_out(tmp_path, ILL)
    earlier = tmp_path / "kitchen.yaml.bak-20260102-030405"
    earlier.write_text("mine")
    path.chmod(0o640)
    done = mend(check_up(path))
    assert path.read_text() == HEALTHY
    assert earlier.read_text() == "mine"
    (backup,) = done.backups
    assert backup.copy == tmp_path / "kitchen.yaml.bak-20260102-030405-2"
    assert backup.copy.read_text() == ILL
    assert done.esphome == ""
    if os.name == "posix":
        assert [stat.S_IMODE(one.stat().st_mode) for one in (path, backup.copy)] == [0o640, 0o640]
    assert not list(tmp_path.glob("*.part"))


def test_it_is_taken_back_unless_somebody_went_on_with_it(tmp_path):
    path = lay_out(tmp_path, CLEAR)
    (tmp_path / "secrets.yaml").unlink()
    before = files(tmp_path)
    done = mend(check_up(path))
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "secrets.yaml").stat().st_mode) == 0o600
    put_back(done.backups)
    assert {name: data for name, data in files(tmp_path).items() if ".bak-" not in name} == before

    done = mend(check_up(path))
    path.write_text(path.read_text() + "# more\n")
    with pytest.raises(StudioError, match="changed meanwhile"):
        put_back(done.backups)
    assert path.read_text().endswith("# more\n")


def test_a_file_that_was_changed_meanwhile_is_left_alone(tmp_path):
    path = lay_out(tmp_path, ILL)
    checkup = check_up(path)
    path.write_text(HEALTHY + "# mine\n")
    with pytest.raises(StudioError, match="changed meanwhile"):
        mend(checkup)
    assert path.read_text() == HEALTHY + "# mine\n"
    assert not list(tmp_path.glob("*.bak-*"))


def test_what_a_link_leads_to_is_read_and_not_changed(tmp_path):
    path = lay_out(tmp_path, ILL)
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    with pytest.raises(StudioError) as refused:
        mend(check_up(link))
    assert refused.value.code == "doctor.link"
    assert path.read_text() == ILL


def test_where_the_second_file_cannot_be_written_the_first_is_as_it_was(tmp_path, monkeypatch):
    path = lay_out(tmp_path, CLEAR)
    checkup = check_up(path)
    assert len(checkup.plan.changes) == 2
    before = files(tmp_path)
    write, written = doctor.write_durably, []

    def full(target, data, mode=None):
        written.append(target)
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        write(target, data, mode=mode)

    monkeypatch.setattr(doctor, "write_durably", full)
    with pytest.raises(StudioError, match="could not be written"):
        mend(checkup)
    assert {name: data for name, data in files(tmp_path).items() if ".bak-" not in name} == before


def test_nothing_that_can_be_mended_is_no_reason_to_write(tmp_path):
    path = lay_out(tmp_path)
    with pytest.raises(StudioError, match="nothing that can be mended"):
        mend(check_up(path))


def test_a_cancel_while_esphome_is_asked_leaves_the_file_mended(tmp_path, monkeypatch):
    def cancelled(_path, _progress):
        raise Cancelled

    monkeypatch.setattr(doctor, "validate", cancelled)
    path = lay_out(tmp_path, ILL)
    assert mend(check_up(path)).esphome is None
    assert path.read_text() == HEALTHY


def test_the_command_shows_and_mends_only_when_asked(tmp_path, capsys, esphome):
    path = lay_out(tmp_path, ILL.replace("!secret api_key", API_KEY))
    assert main(["doctor", str(path)]) == 1
    said = capsys.readouterr().out
    assert "kitchen.yaml:39: The models hear 16000 samples a second" in said
    assert "+     sample_rate: 16000" in said
    assert "Add --fix" in said
    assert API_KEY not in said

    esphome["result"] = ProgramResult(False, f"api: key {API_KEY} horse-battery")
    assert main(["doctor", str(path), "--fix", "--json"]) == 0
    said = capsys.readouterr().out
    told = json.loads(said)
    assert sorted(told["mended"]) == ["link.missing", "microphone.rate", "secret.clear"]
    assert told["findings"][0] == {
        "code": "microphone.rate",
        "severity": "error",
        "what": "The models hear 16000 samples a second, and this microphone gives another number.",
        "do": "Write 16000.",
        "file": "kitchen.yaml",
        "line": 39,
        "mendable": True,
    }
    assert told["esphome"] == "api: key •••• ••••"
    assert API_KEY not in said and "horse-battery" not in said
    assert main(["doctor", str(path)]) == 0
    assert "nothing stands in the way" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "status"), [("notes.txt", 2), ("missing.yaml", 1)])
def test_the_command_refuses_other_files(tmp_path, capsys, name, status):
    assert main(["doctor", str(tmp_path / name)]) == status
    assert name in capsys.readouterr().err
