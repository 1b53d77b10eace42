"""Set the studio up with one command, then start it.

    python3 packaging/start.py                  the program; without a display the quickstart, which ends with a model
    python3 packaging/start.py train DIR ...    any command of mww-studio
    python3 packaging/start.py test [-k NAME]   the project's checks and tests; further arguments go to pytest

The first start makes the virtual environment ``.venv`` beside the checkout from the lock files, looks for the libraries
that the system has to bring, and says what is missing (set_up.py). Later starts compare one fingerprint and hand over.
Only the standard library, in syntax that older Pythons read too, so that they can say what they lack.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if sys.platform == "win32" else "bin")
PYTHON = BIN / ("python.exe" if sys.platform == "win32" else "python")
BUILD_LOCK, PROGRAM_LOCK, TEST_LOCK = (
    ROOT / "packaging" / name for name in ("requirements-build.lock", "requirements.lock", "requirements-test.lock")
)
PROGRAM_STAMP, LIBRARIES_STAMP, TEST_STAMP, SYSTEM_STAMP = (
    VENV / f"set-up-{part}" for part in ("program", "libraries", "tests", "system")
)
QUICKSTART = ["quickstart", "hey computer", "--out", "hey-computer"]
CHECKS = (("ruff", "check", "."), ("mypy",), ("lint-imports",))
# Many tests wait, for sound above all; more than four at once cost more memory than they save time.
TESTS = ("pytest", "-n", "logical", "--maxprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder")


def main(arguments: list[str]) -> int:
    """Make sure that everything is there, then become the program (or run the checks)."""
    for foreign in ("PYTHONPATH", "PYTHONHOME"):  # another project's packages must not shadow the locked ones
        os.environ.pop(foreign, None)
    testing = arguments[:1] == ["test"]
    if not (program_ready() and SYSTEM_STAMP.exists() and (tests_ready() or not testing)):
        import set_up

        failure = set_up.run(testing)
        if failure:
            return failure
    if testing:
        return _run_checks(arguments[1:])
    return become([str(PYTHON), "-P", "-m", "mww_studio", *(arguments or _default_arguments())])


def program_ready() -> bool:
    """Whether ``.venv`` holds the program as the lock files want it."""
    return _is_current(PROGRAM_STAMP, program_stamp())


def libraries_ready() -> bool:
    """Whether ``.venv`` holds the libraries of the program as the lock files want them."""
    return _is_current(LIBRARIES_STAMP, libraries_stamp())


def tests_ready() -> bool:
    """Whether ``.venv`` holds the tools for checks and tests too."""
    return _is_current(TEST_STAMP, test_stamp())


def program_stamp() -> str:
    """The checkout's place (scripts in ``.venv`` contain it) and a fingerprint of all that decides on the packages."""
    return _fingerprint(ROOT / "pyproject.toml", BUILD_LOCK, PROGRAM_LOCK)


def libraries_stamp() -> str:
    """The same without the program itself, which takes seconds."""
    return _fingerprint(BUILD_LOCK, PROGRAM_LOCK)


def test_stamp() -> str:
    """The same for the tools for checks and tests."""
    return _fingerprint(TEST_LOCK)


def become(command: list[str]) -> int:
    """Replace this process by ``command``; Windows has no such call, there it is a child."""
    sys.stdout.flush()
    if sys.platform != "win32":
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted
    import subprocess

    return subprocess.call(command)


def _fingerprint(*files: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return f"{ROOT}\n{digest.hexdigest()}\n"


def _is_current(stamp: Path, text: str) -> bool:
    try:
        return PYTHON.exists() and stamp.read_text("utf-8") == text
    except OSError:
        return False


def _default_arguments() -> list[str]:
    if _has_display():
        return []
    print("There is no display here, so the studio's window cannot open.")
    command = " ".join(f'"{word}"' if " " in word else word for word in QUICKSTART)
    print(f"Making a first model on the command line: mww-studio {command}\n")
    return QUICKSTART


def _has_display() -> bool:
    if os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0] in ("offscreen", "minimal"):
        return False
    return sys.platform in ("win32", "darwin") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))


def _run_checks(pytest_arguments: list[str]) -> int:
    """Every check, then pytest, whose closing line comes last when all is well."""
    import subprocess

    failed = []
    for name, *arguments in (*CHECKS, (*TESTS, *pytest_arguments)):
        print(f"-- {name}", flush=True)
        if subprocess.call([str(BIN / name), *arguments], cwd=ROOT) != 0:
            failed.append(name)
    if failed:
        print(f"Failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
