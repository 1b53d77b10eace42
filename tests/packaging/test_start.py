"""The one command: a real set-up of a tiny program without a network, and what is said when something is missing."""

import importlib
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"
LOCKS = ("requirements-build.lock", "requirements.lock", "requirements-test.lock")
SAYS_ITS_ARGUMENTS = "import sys; print('program', sys.argv[1:])"
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "tiny"
version = "1"
"""
BACKEND = """
import pathlib, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    info = "tiny-1.dist-info/"
    with zipfile.ZipFile(pathlib.Path(folder, "tiny-1-py3-none-any.whl"), "w") as wheel:
        wheel.writestr("tiny.pth", str(pathlib.Path.cwd()))
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
    return "tiny-1-py3-none-any.whl"
"""


@pytest.fixture
def set_up(monkeypatch):
    """The module, imported as start.py imports it."""
    monkeypatch.syspath_prepend(str(PACKAGING))
    yield importlib.import_module("set_up")
    sys.modules.pop("set_up", None)
    sys.modules.pop("start", None)


@pytest.fixture
def start(set_up):
    return set_up.start


def make_checkout(folder):
    """A checkout whose program says its arguments and whose lock files are empty."""
    (folder / "packaging").mkdir(parents=True)
    for name in ("start.py", "set_up.py"):
        shutil.copy(PACKAGING / name, folder / "packaging")
    for name in LOCKS:
        (folder / "packaging" / name).write_text("# nothing\n")
    (folder / "mww_studio").mkdir()
    (folder / "mww_studio" / "__main__.py").write_text(SAYS_ITS_ARGUMENTS)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "backend.py").write_text(BACKEND)
    return folder


def run(checkout, *arguments, **environment):
    """Start as a person would, on a system without apt-get and without a display."""
    return subprocess.run(
        [sys.executable, str(checkout / "packaging" / "start.py"), *arguments],
        cwd=checkout,
        env={"PATH": str(checkout), "HOME": str(checkout), "PIP_NO_INDEX": "1", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def test_set_up_completed_after_a_failure_updated_in_place_and_made_anew_after_an_interruption(tmp_path):
    checkout = make_checkout(tmp_path / "a place with spaces")
    venv, lock = checkout / ".venv", checkout / "packaging" / "requirements.lock"

    lock.write_text("no-such-package-at-all==1\n")
    failed = run(checkout)
    assert failed.returncode == 1
    assert "Setting up" in failed.stdout
    assert "no build for this computer" in failed.stderr
    assert "Traceback" not in failed.stderr

    (venv / "mine").touch()
    lock.write_text("# nothing\n")
    completed = run(checkout, "train", "x y")
    assert "the program's libraries: done" in completed.stdout
    assert completed.stdout.endswith("program ['train', 'x y']\n")
    assert (venv / "mine").exists()

    (venv / "set-up-system").touch()  # where the system lacks some, every start says so
    assert run(checkout, "--help").stdout == "program ['--help']\n"

    (checkout / "pyproject.toml").write_text(PYPROJECT + "# changed\n")
    changed = run(checkout, "status")
    assert "the program: done" in changed.stdout
    assert "libraries" not in changed.stdout

    (venv / "set-up-program").unlink()
    (venv / "set-up-busy").touch()  # what a start that was killed leaves behind
    anew = run(checkout, "status")
    assert "Setting up" in anew.stdout
    assert anew.stdout.endswith("program ['status']\n")
    assert not (venv / "mine").exists()


def test_a_folder_that_was_moved_is_set_up_anew(set_up, monkeypatch, tmp_path):
    monkeypatch.setattr(set_up, "PLACE", tmp_path / "place")
    monkeypatch.setattr(set_up.start, "PYTHON", Path(sys.executable))
    set_up.PLACE.write_text(str(set_up.start.ROOT), "utf-8")
    assert set_up._can_be_completed()
    set_up.PLACE.write_text("/home/somebody/else", "utf-8")
    assert not set_up._can_be_completed()


def test_without_a_display_the_quickstart_runs(start, monkeypatch, capsys):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert start._default_arguments() == ["quickstart", "hey computer", "--out", "hey-computer"]
    assert "no display" in capsys.readouterr().out
    monkeypatch.setenv("DISPLAY", ":0")
    assert start._has_display()
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert not start._has_display()


def test_with_a_display_the_window_opens(start, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    assert start._default_arguments() == []


def test_what_is_installed_follows_the_lock_files(start, monkeypatch, tmp_path):
    lock = tmp_path / "requirements.lock"
    monkeypatch.setattr(start, "PROGRAM_LOCK", lock)
    lock.write_text("a==1\n")
    before = start.program_stamp(), start.libraries_stamp(), start.test_stamp()
    lock.write_text("a==2\n")
    after = start.program_stamp(), start.libraries_stamp(), start.test_stamp()
    assert [old != new for old, new in zip(before, after, strict=True)] == [True, True, False]


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        (
            "Retrying: NewConnectionError: name resolution\nNo matching distribution found: numpy==2",
            "internet connection",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "proxy alters"),
        ("ERROR: [Errno 13] Permission denied: '/x'", "Make it yours"),
        ("something new\nand strange", "something new / and strange"),
    ],
)
def test_a_failure_of_pip_is_told_with_the_next_step(set_up, output, says):
    assert says in set_up._explain("the program", output)


def test_too_little_room_is_said_before_anything_is_fetched(set_up, monkeypatch):
    monkeypatch.setattr(set_up.shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000_000))
    with pytest.raises(set_up.SetUpError, match=r"1\.0 GB of free space"):
        set_up._make_venv()


def test_another_python_goes_on_with_3_11_or_says_how_to_get_it(set_up, monkeypatch):
    became = []
    monkeypatch.setattr(set_up.shutil, "which", lambda name: sys.executable if name == "python3.11" else None)
    monkeypatch.setattr(set_up.start, "become", lambda command: became.append(command) or 0)
    with pytest.raises(SystemExit):
        set_up._go_on_with_python_3_11()
    assert became[0][:2] == [sys.executable, str(PACKAGING / "start.py")]
    monkeypatch.setattr(set_up.shutil, "which", lambda _: None)
    with pytest.raises(set_up.SetUpError, match=r"Python 3\.11.*Get it with"):
        set_up._go_on_with_python_3_11()


def test_missing_libraries_are_named_with_the_command_that_installs_them(set_up, monkeypatch, tmp_path, capsys):
    stamp = tmp_path / "libraries"
    monkeypatch.setattr(set_up.start, "SYSTEM_STAMP", stamp)
    monkeypatch.setattr(set_up, "_is_debian_root", lambda: False)
    monkeypatch.setattr(set_up.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(set_up, "LINUX_LIBRARIES", {"libnothing.so.1": "libnothing1"})
    set_up._check_libraries()
    assert "sudo apt-get install --no-install-recommends libnothing1" in capsys.readouterr().out
    assert not stamp.exists()


def test_root_on_debian_installs_what_is_missing(set_up, monkeypatch, tmp_path):
    stamp, installed = tmp_path / "libraries", []
    monkeypatch.setattr(set_up.start, "SYSTEM_STAMP", stamp)
    monkeypatch.setattr(set_up, "_is_debian_root", lambda: True)
    monkeypatch.setattr(set_up, "_apt_install", lambda packages: installed.extend(packages) or True)
    monkeypatch.setattr(set_up, "_cannot_load", lambda _: "libnothing1" not in installed)
    monkeypatch.setattr(set_up, "LINUX_LIBRARIES", {"libnothing.so.1": "libnothing1"})
    set_up._check_libraries()
    assert "libnothing1" in installed
    assert stamp.exists()


def test_what_only_the_tests_need_is_named_or_installed(set_up, monkeypatch, capsys):
    monkeypatch.setattr(set_up, "LINUX_TEST_TOOLS", {"/nowhere/cc": ("gcc", "libc6-dev")})
    monkeypatch.setattr(set_up.sys, "platform", "linux")
    monkeypatch.setattr(set_up, "_is_debian_root", lambda: False)
    set_up._check_test_tools()
    assert "sudo apt-get install --no-install-recommends gcc libc6-dev" in capsys.readouterr().out
    installed = []
    monkeypatch.setattr(set_up, "_is_debian_root", lambda: True)
    monkeypatch.setattr(set_up, "_apt_install", lambda packages: installed.extend(packages) or True)
    set_up._check_test_tools()
    assert installed == ["gcc", "libc6-dev"]
    assert capsys.readouterr().out == ""
