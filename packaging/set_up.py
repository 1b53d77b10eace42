"""What the first start does: make ``.venv``, fill it from the lock files, and look at the system's libraries."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import queue
import shutil
import subprocess
import sys
import threading
import time
import venv
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import start

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LOG, PLACE, BUSY = (start.VENV / f"set-up{suffix}" for suffix in (".log", "-place", "-busy"))
NEEDED_BYTES = 5_000_000_000
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
LINUX_LIBRARIES = {  # what the wheels of sounddevice and PySide6 load but do not contain: file, Debian's package
    "libportaudio.so.2": "libportaudio2",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
LINUX_TEST_TOOLS = {  # the tests of recording build a microphone of their own: file, Debian's packages
    "/usr/bin/cc": ("gcc", "libc6-dev"),
    "/usr/include/alsa/pcm_external.h": ("libasound2-dev",),
}
LINUX_VOICES = ("espeak-ng", "flite")  # more synthetic voices, when they are there
_PIP_FAILURES = (  # what pip says, and what it means to a person; the first that fits
    (
        ("No space left on device", "Errno 28", "There is not enough space"),
        "the disk is full. Make room, then start again; downloads are kept.",
    ),
    (
        ("CERTIFICATE_VERIFY_FAILED",),
        "the package index's certificate was refused. Check this computer's clock and its proxy, then start again.",
    ),
    (
        ("ConnectionError", "name resolution", "Max retries exceeded", "TimeoutError", "ProxyError", "IncompleteRead"),
        "the package index cannot be reached. Check the internet connection and start again; downloads are kept.",
    ),
    (
        ("DO NOT MATCH THE HASHES",),
        "a download is not the package that was locked. Start again; if this stays, a proxy alters downloads.",
    ),
    (
        ("Long Path", "path too long"),
        "a path became too long for Windows. Move this folder to a short path such as C:\\mww, then start again.",
    ),
    (
        ("Permission denied", "Errno 13", "Read-only file system"),
        "the folder .venv may not be written. Make it yours, then start again.",
    ),
    (
        ("No matching distribution", "is not a supported wheel"),
        "a package has no build for this computer's system. The log names it.",
    ),
)


class SetUpError(Exception):
    """What stopped the set-up, and what to do next."""


def run(testing: bool) -> int:
    """Set up what is missing; the exit code (0: all is there)."""
    try:
        if not (start.program_ready() and (start.tests_ready() or not testing)):
            _set_up(testing)
        if not start.SYSTEM_STAMP.exists():
            _check_libraries()
    except SetUpError as error:
        print(f"\nThe set-up stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Start again to set up; downloads are kept.", file=sys.stderr)
        return 130
    return 0


def _set_up(testing: bool) -> None:
    if sys.version_info[:2] != (3, 11):
        _go_on_with_python_3_11()
    with _only_one() as lock_descriptor:
        if BUSY.exists() or not start.program_ready():
            start.PROGRAM_STAMP.unlink(missing_ok=True)
            if not _can_be_completed():
                _make_venv()
            if not start.libraries_ready():
                _install_libraries(lock_descriptor)
            _pip("the program", lock_descriptor, "--no-deps", "--editable", str(start.ROOT))
            start.PROGRAM_STAMP.write_text(start.program_stamp(), "utf-8")
        if testing and not start.tests_ready():
            _pip("the tools for checks and tests", lock_descriptor, "-r", str(start.TEST_LOCK))
            _compile()
            _check_test_tools()
            start.TEST_STAMP.write_text(start.test_stamp(), "utf-8")


def _install_libraries(lock_descriptor: int | None) -> None:
    for stamp in (start.LIBRARIES_STAMP, start.TEST_STAMP, start.SYSTEM_STAMP):
        stamp.unlink(missing_ok=True)
    _pip("the build tools", lock_descriptor, "-r", str(start.BUILD_LOCK))
    _pip("the program's libraries", lock_descriptor, "-r", str(start.PROGRAM_LOCK))
    _compile()
    start.LIBRARIES_STAMP.write_text(start.libraries_stamp(), "utf-8")


def _can_be_completed() -> bool:
    """Whether ``.venv`` is of this very place and no pip was ever cut off in it: then only the rest is installed."""
    try:
        return start.PYTHON.exists() and not BUSY.exists() and PLACE.read_text("utf-8") == str(start.ROOT)
    except OSError:
        return False


@contextmanager
def _only_one() -> Iterator[int | None]:
    """One set-up at a time. pip inherits the lock, so not even a killed start leaves two of them in one folder."""
    if sys.platform == "win32":
        yield None
        return
    import fcntl

    with Path(__file__).open("rb") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up of this checkout is running; waiting for it.", flush=True)
            fcntl.flock(held, fcntl.LOCK_EX)
        yield held.fileno()


def _make_venv() -> None:
    _warn_about_this_computer()
    free = shutil.disk_usage(start.ROOT).free
    if free < NEEDED_BYTES:
        raise SetUpError(
            f"{start.ROOT} has {free / 1e9:.1f} GB of free space, the set-up needs {NEEDED_BYTES / 1e9:.0f} GB. "
            "Make room or move this folder to a larger disk, then start again."
        )
    if importlib.util.find_spec("ensurepip") is None:  # Debian ships it apart
        _need_debian_packages(["python3.11-venv"], "Python's virtual environments (the module ensurepip)")
    print(
        f"Setting up {start.VENV} with Python {sys.version.split()[0]}. This is done once, in a few minutes.",
        flush=True,
    )
    try:
        venv.create(start.VENV, clear=True, symlinks=sys.platform != "win32", with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetUpError(f"{start.VENV} could not be made: {error}. Is {start.ROOT} yours to write to?") from error
    PLACE.write_text(str(start.ROOT), "utf-8")


def _warn_about_this_computer() -> None:
    if (sys.platform, platform.machine()) not in (("linux", "x86_64"), ("darwin", "arm64"), ("win32", "AMD64")):
        print(
            f"Note: not all packages are made for this computer ({platform.system()} on {platform.machine()}), so the "
            "set-up may fail. They are for Linux and Windows on x86-64, and for macOS 15 or newer on Apple silicon.",
            flush=True,
        )


def _pip(what: str, lock_descriptor: int | None, *arguments: str) -> None:
    """Run pip with its output in the log and one line of progress on the screen."""
    temporary = start.VENV / "tmp"  # not the system's: that is often in memory, and TensorFlow alone is 600 MB
    temporary.mkdir(exist_ok=True)
    BUSY.touch()
    # Build isolation would fetch unpinned build tools: the locked ones are installed already.
    options = [
        "--no-input",
        "--disable-pip-version-check",
        "--no-build-isolation",
        "--no-compile",
        "--progress-bar",
        "off",
    ]
    process = subprocess.Popen(
        [str(start.PYTHON), "-P", "-m", "pip", "install", *options, *arguments],
        cwd=start.ROOT,
        env={**os.environ, "PIP_USER": "0", **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        pass_fds=() if lock_descriptor is None else (lock_descriptor,),
    )
    output: list[str] = []
    try:
        _follow(what, process, output, _count_requirements(arguments))
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(temporary, ignore_errors=True)
    BUSY.unlink()  # pip came to its end and left all whole; a cut-off one leaves this file
    if process.returncode != 0:
        raise SetUpError(_explain(what, "".join(output)))


def _compile() -> None:
    """Compile what is installed on all cores; pip would use one. What cannot be compiled is not for this Python."""
    begun = time.monotonic()
    with LOG.open("a", encoding="utf-8") as log:
        command = [str(start.PYTHON), "-W", "ignore", "-m", "compileall", "-q", "-j", "0", str(start.VENV)]
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False)
    print(f"  compiling: done ({time.monotonic() - begun:.0f} s)", flush=True)


def _follow(what: str, process: subprocess.Popen[str], output: list[str], total: int) -> None:
    """Read pip's lines until it ends, and show how far it is, also while it says nothing."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    begun, shown, seen, present, state = time.monotonic(), 0.0, 0, 0, "looking"
    live = sys.stdout.isatty()
    with LOG.open("a", encoding="utf-8") as log:
        while True:
            try:
                line = lines.get(timeout=0.5)
            except queue.Empty:
                line = ""
            if line is None:
                break
            log.write(line)
            output.append(line)
            if line.startswith("Collecting "):
                seen += 1
                state = f"fetching {seen} of {total}: {line.split()[1].partition('==')[0]}"
            elif line.startswith("Installing collected"):
                present = _count_installed()
                total, state = line.count(",") + 1, "unpacking"
            seconds = time.monotonic() - begun
            if seconds - shown >= (0.5 if live else 15):
                shown = seconds
                if state.startswith("unpacking"):
                    state = f"unpacking {_count_installed() - present} of {total}"
                text = f"  {what}: {state} ({seconds:.0f} s)"
                print(f"\r{text[:100]:<100}" if live else text, end="" if live else "\n", flush=True)
        process.wait()
    ending = "done" if process.returncode == 0 else "failed"
    text = f"  {what}: {ending} ({time.monotonic() - begun:.0f} s)"
    print(f"\r{text:<100}" if live else text, flush=True)


def _count_installed() -> int:
    packages = "Lib/site-packages" if sys.platform == "win32" else "lib/python3.11/site-packages"
    return sum(1 for _ in (start.VENV / packages).glob("*.dist-info"))


def _count_requirements(arguments: Sequence[str]) -> int:
    """How many packages the lock file among ``arguments`` names for this system."""
    count = 0
    for lock in arguments:
        if lock.endswith(".lock"):
            for line in Path(lock).read_text("utf-8").splitlines():
                other = "sys_platform ==" in line and f"'{sys.platform}'" not in line
                count += line[:1].isalnum() and not other
    return count


def _explain(what: str, output: str) -> str:
    """One sentence on why pip failed, and the next step."""
    last_words = "pip failed. Its last words: " + " / ".join(output.strip().splitlines()[-3:])
    fitting = (reason for phrases, reason in _PIP_FAILURES if any(phrase in output for phrase in phrases))
    reason = next(fitting, last_words)
    return f"{what} could not be installed: {reason}\nThe full log: {LOG}"


# Python and the system's libraries


def _go_on_with_python_3_11() -> None:
    """Start again with a Python 3.11 if there is one, else say how to get it."""
    places: list[list[str]] = [
        [place]
        for place in (
            "python3.11",
            str(Path("~/.local/bin/python3.11").expanduser()),
            "/opt/homebrew/bin/python3.11",
            "/usr/bin/python3.11",
        )
    ]
    if sys.platform == "win32":
        places = [["py", "-3.11"]]
    for program, *options in places:
        found = shutil.which(program)
        probe = [str(found), *options, "-c", "import sys; sys.exit(sys.version_info[:2] != (3, 11))"]
        # A version manager's placeholder is on the path too, so only running it tells.
        if found and subprocess.run(probe, stderr=subprocess.DEVNULL, check=False).returncode == 0:
            sys.exit(start.become([found, *options, str(start.__file__), *sys.argv[1:]]))
    raise SetUpError(
        f"the studio needs Python 3.11, this is {sys.version.split()[0]}. Get it with\n"
        f"    {_python_command()}\nand start again with: python3.11 packaging/start.py"
    )


def _python_command() -> str:
    if sys.platform == "win32":
        return "winget install --exact --id Python.Python.3.11"
    if sys.platform == "darwin":
        return "brew install python@3.11"
    try:
        release = Path("/etc/os-release").read_text("utf-8")
    except OSError:
        release = ""
    if "bookworm" in release or "jammy" in release:
        return "sudo apt-get install python3.11 python3.11-venv"
    if "fedora" in release:
        return "sudo dnf install python3.11"
    return "sudo apt-get install pipx && pipx run uv python install 3.11"


def _check_libraries() -> None:
    """Look for the libraries that no wheel brings; install them where that is possible, else say how to."""
    if sys.platform == "win32" and _cannot_load("msvcp140_1.dll"):
        raise SetUpError(
            "Microsoft's C++ runtime is missing. Install it, then start again:\n"
            "    winget install --exact --id Microsoft.VCRedist.2015+.x64"
        )
    if sys.platform.startswith("linux"):
        voices = [voice for voice in LINUX_VOICES if shutil.which(voice) is None]
        missing = _missing_linux_libraries()
        if missing and _is_debian_root() and _apt_install(list(missing.values())):
            missing = _missing_linux_libraries()
        if voices and _is_debian_root():
            _apt_install(voices)
        elif voices and shutil.which("apt-get"):
            print(f"Optional, for more synthetic voices: sudo apt-get install {' '.join(voices)}", flush=True)
        if missing:
            how = "the system's package manager"
            if shutil.which("apt-get"):
                how = f"sudo apt-get install --no-install-recommends {' '.join(missing.values())}"
            print(
                f"This system lacks {', '.join(missing)}.\n"
                f"The window and the microphone need them, the command line does not. Install them with: {how}",
                flush=True,
            )
            return
    start.SYSTEM_STAMP.touch()


def _check_test_tools() -> None:
    """Look for what only the tests need; install it where that is possible, else say how to."""
    if sys.platform.startswith("linux"):
        missing = [package for file, tools in LINUX_TEST_TOOLS.items() if not Path(file).exists() for package in tools]
        if missing and not (_is_debian_root() and _apt_install(missing)):
            print(
                f"The tests of recording need: sudo apt-get install --no-install-recommends {' '.join(missing)}",
                flush=True,
            )


def _missing_linux_libraries() -> dict[str, str]:
    """File name or thing -> Debian's package of all that is not there."""
    missing = {library: package for library, package in LINUX_LIBRARIES.items() if _cannot_load(library)}
    folders = (Path(folder).expanduser() for folder in FONT_FOLDERS)
    if not any(file.suffix in (".ttf", ".otf", ".ttc", ".pfb") for folder in folders for file in folder.rglob("*")):
        missing["any font"] = "fonts-dejavu-core"
    return missing


def _cannot_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return True
    return False


def _is_debian_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def _need_debian_packages(packages: list[str], what: str) -> None:
    if not (_is_debian_root() and _apt_install(packages)):
        command = f"sudo apt-get install {' '.join(packages)}"
        raise SetUpError(f"{what} are missing. Install them, then start again:\n    {command}")


def _apt_install(packages: list[str]) -> bool:
    """Whether apt-get could install ``packages``."""
    print(f"Installing from the system's packages: {' '.join(packages)}", flush=True)
    apt = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    output = ""
    for arguments in (["update"], ["install", "--no-install-recommends", *packages]):
        done = subprocess.run(
            [*apt, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        output = done.stdout
    if done.returncode != 0:
        print("apt-get could not install them: " + " / ".join(output.strip().splitlines()[-2:]), flush=True)
    return done.returncode == 0
