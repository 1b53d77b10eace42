"""The laws of the house that a machine can keep."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import mww_studio

PACKAGE = Path(mww_studio.__file__).parent
ROOT = PACKAGE.parent
HEAVY = ("tensorflow", "keras", "PySide6", "pyqtgraph", "matplotlib", "onnxruntime", "audiomentations", "esphome")


def loaded_after(*arguments):
    """The heavy packages that the program has loaded when it has carried out a command."""
    script = (
        "import contextlib, io, sys; from mww_studio.__main__ import main\n"
        f"sys.argv = ['mww-studio', *{arguments!r}]\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): main()\n"
        f"print(*(name for name in {HEAVY!r} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_rooms_import_downwards_only():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_every_module_stands_in_a_layer():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = {room.strip() for layer in contracts[0]["layers"] for room in layer.split("|")}
    rooms = {f"mww_studio.{entry.stem}" for entry in PACKAGE.iterdir() if entry.suffix in ("", ".py")}
    assert rooms - {"mww_studio.__init__", "mww_studio.__pycache__", "mww_studio._resources"} <= layers


@pytest.mark.parametrize("arguments", [("--help",), ("constitution", "show"), ("train", "--help")])
def test_the_command_line_starts_light(arguments):
    assert loaded_after(*arguments) == []


def test_nothing_heavy_is_loaded_to_look_at_a_project(tmp_path):
    assert loaded_after("new", str(tmp_path / "word"), "--wake-word", "hey computer") == []
    assert loaded_after("status", str(tmp_path / "word")) == []


def test_qt_keeps_count_of_none():
    """PySide6 6.12 on Python 3.11 drops a reference to None in every call that returns nothing, and aborts later."""
    from PySide6.QtCore import QObject

    thing = QObject()
    before = sys.getrefcount(None)
    for number in range(1000):
        thing.setObjectName(f"thing {number}")
    assert abs(sys.getrefcount(None) - before) < 100


def test_modules_stay_readable():
    too_long = {
        str(file.relative_to(ROOT)): lines
        for folder in (PACKAGE, ROOT / "packaging")
        for file in folder.rglob("*.py")
        if (lines := len(file.read_text("utf-8").splitlines())) > 450
    }
    assert too_long == {}


def test_start_can_be_read_by_older_pythons():
    for name in ("start.py", "set_up.py"):
        ast.parse((ROOT / "packaging" / name).read_text("utf-8"), feature_version=(3, 7))
