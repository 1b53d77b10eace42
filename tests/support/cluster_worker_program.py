"""Lets workers of a cluster do pretended jobs: replaces the Python that they start."""

import sys
from pathlib import Path

PROGRAM = """
import json, os, pathlib, sys, time
folder = pathlib.Path(sys.argv[-1])
spec = json.loads((folder / "spec.json").read_text())
training = spec.get("training", spec)
project = folder.parents[3] if "training" in spec else folder.parents[1]
present = sorted(path.relative_to(project).as_posix() for path in project.glob("audio/**/*.wav"))
(folder / "present.json").write_text(json.dumps([present, training["project"], os.getpid()]))
(folder / "tensorboard").mkdir(exist_ok=True)
(folder / "tensorboard" / "large").write_text("x")
seed = training["seed"]
if seed == 13:
    print(json.dumps({"event": "failed", "code": "train.killed", "what": "It stopped.", "why": "Why.", "do": "Do."}))
    sys.exit(1)
if seed == 99:
    print('{"event": "log", "text": "waits"}', flush=True)
    (pathlib.Path(MARKS) / str(os.getpid())).write_text("")
    sys.stdin.readline()
    (pathlib.Path(MARKS) / f"{os.getpid()} stopped").write_text("")
    print('{"event": "cancelled"}')
    sys.exit(1)
if seed == 50 and not (pathlib.Path(MARKS) / "lost").exists():
    (pathlib.Path(MARKS) / "lost").write_text("")
    os.kill(os.getppid(), 9)
    time.sleep(600)
print(json.dumps({"event": "succeeded", "result": {"made": str(folder / "present.json"), "run": "x"}}))
"""


def pretend(program: Path, marks: Path) -> str:
    """Write the program; returns its path."""
    program.write_text(f"#!{sys.executable}\nMARKS = {str(marks)!r}\n{PROGRAM}", encoding="utf-8")
    program.chmod(0o755)
    return str(program)


def use(program: str) -> None:
    """On a worker: start this in place of Python."""
    import mww_studio.jobs.process as process

    process.sys = type("Sys", (), {"executable": program})()


def install_release(release: str) -> None:
    """On a worker: be another release."""
    import mww_studio

    mww_studio.__version__ = release
