"""What a machine of a cluster does for another one: it keeps the recordings that it is sent, and does jobs with them.

These functions are called by name on workers of dask.distributed, on which the same release must be installed. Nothing
here knows the paths of the machine that asks: recordings and jobs lie in this machine's own cache.
"""

import hashlib
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import platformdirs

import mww_studio
from mww_studio.corpus.negatives import used_sets
from mww_studio.durable import write_durably
from mww_studio.errors import StudioError
from mww_studio.jobs.launch import run_job
from mww_studio.jobs.pool import Held
from mww_studio.jobs.spec import JobSpec, TrainSpec
from mww_studio.jobs.tuning_records import TrialSpec
from mww_studio.presets import Preset

_LOOK_S = 0.5
_LEFT_THERE = {"tensorboard", "process.txt", "dry_export.tflite"}
_PROGRAM = "mww-studio"
_SPECS: dict[str, type[JobSpec]] = {"train": TrainSpec, "trial": TrialSpec}


@dataclass(frozen=True)
class SentFile:
    """A file that a job needs. ``path``: relative to the project, with forward slashes."""

    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Order:
    """A job for another machine: its spec as JSON, of a ``kind`` that is known here.

    ``corpus`` names the recordings; ``folder``: the job's own, relative to the project.
    """

    corpus: str
    folder: str
    kind: str
    spec: str


@dataclass(frozen=True)
class Answer:
    """What came of it: the files of its folder by their relative paths, and its result.

    In ``result`` the folder's own path is written as ``.``.
    """

    files: Mapping[str, bytes]
    result: Mapping[str, str]


def program_version() -> str:
    """The release that is installed here."""
    return mww_studio.__version__


def lacking_folders(folders: tuple[str, ...]) -> tuple[str, ...]:
    """Those of these absolute folders that this machine does not have."""
    return tuple(folder for folder in folders if not Path(folder).is_dir())


def sound_sets(preset: Preset) -> tuple[str, ...]:
    """The published sets that a training with this preset would use here."""
    return tuple(sorted(each.described.name for each in used_sets(preset)))


def lacking(corpus: str, files: tuple[SentFile, ...]) -> tuple[str, ...]:
    """The paths of what is not here yet. What is here was checked as it came."""
    root = _root(corpus)

    def is_here(file: SentFile) -> bool:
        path = _inside(root, file.path)
        return path.is_file() and path.stat().st_size == file.bytes

    return tuple(file.path for file in files if not is_here(file))


def keep(corpus: str, files: tuple[SentFile, ...], contents: tuple[bytes, ...]) -> None:
    """Keep files that were sent. Raises StudioError ``cluster.garbled`` where one is not what it should be."""
    root = _root(corpus)
    for file, content in zip(files, contents, strict=True):
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise StudioError("cluster.garbled", f"{file.path} arrived damaged.", do="Go on; it is sent again.")
        path = _inside(root, file.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, content)


def work(order: Order) -> Answer:
    """Do a job in a child process, as on any computer; it stops when nobody waits for it any more.

    Raises what the job raises.
    """
    root = _root(order.corpus)
    folder = _inside(root, order.folder)
    spec = _SPECS[order.kind].model_validate_json(order.spec)
    held = Held()
    over = threading.Event()
    watch = _watch(held, over)
    try:
        result = run_job(folder, spec, held)
    finally:
        over.set()
        watch.join()
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] not in _LEFT_THERE
    }
    shutil.rmtree(folder, ignore_errors=True)
    return Answer(files, {name: text.replace(str(folder), ".") for name, text in result.items()})


def _watch(held: Held, over: threading.Event) -> threading.Thread:
    """Cancel the job when the scheduler took it back: whoever asked is gone, or wants it no more."""
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()

    def watch() -> None:
        while not over.wait(_LOOK_S):
            task = worker.state.tasks.get(key)
            if task is None or task.state == "cancelled":
                held.cancel()
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def _root(corpus: str) -> Path:
    return platformdirs.user_cache_path(_PROGRAM, appauthor=False) / "cluster" / corpus


def _inside(root: Path, path: str) -> Path:
    """A place in ``root``. Raises StudioError ``cluster.path`` for one that would lie outside."""
    parts = PurePosixPath(path).parts
    if not parts or ".." in parts or PurePosixPath(path).is_absolute() or any(":" in part for part in parts):
        raise StudioError("cluster.path", f"{path} is no place in a project.", do="Use the same release everywhere.")
    return root.joinpath(*parts)
