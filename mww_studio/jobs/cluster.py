"""Jobs on the machines of a dask.distributed cluster, each in a worker process there.

Nothing of this machine's paths is needed there: what a job needs of the project is sent, once a machine, and the files
that it made come back. Only published sound that the preset names by absolute folders must be there already.
"""

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Self

from distributed import Client, KilledWorker
from distributed.client import FutureCancelledError

import mww_studio
from mww_studio.durable import write_durably
from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs import cluster_worker
from mww_studio.jobs.cluster_worker import Answer, Order, SentFile
from mww_studio.jobs.negatives_used import SETS_FILE
from mww_studio.jobs.spec import JobSpec, TrainSpec
from mww_studio.jobs.tuning_records import TrialSpec
from mww_studio.project.records import Split

_CONNECT_S = 10.0
_LOOK_S = 0.5
_SENT_AT_ONCE_BYTES = 16_000_000
_TRIES = 3
_MOST_JOBS = 64
_RECORDINGS = "audio/"


class ClusterPool:
    """The workers of a cluster, one job each at a time. Those that join later are used, too."""

    def __init__(self, address: str, project: Path) -> None:
        """Connect. Raises StudioError ``cluster.unreachable`` and ``cluster.empty``."""
        self._address, self._project = address, project
        try:
            # Typed as anything: the package types little of what it has.
            connect: Any = Client
            self._client = connect(address, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, TimeoutError, ValueError, TypeError) as error:
            raise StudioError(
                "cluster.unreachable",
                f"No scheduler answers at {address}.",
                why=f"{error or type(error).__name__}.",
                do="Start one with “dask scheduler”, and name its address, such as tcp://192.168.1.5:8786.",
            ) from None
        if not self._workers():
            self._client.close()
            raise StudioError(
                "cluster.empty",
                f"The cluster at {address} has no workers.",
                do=f"On each machine that shall help, start one with “dask worker {address}”.",
            )
        self._threads = ThreadPoolExecutor(_MOST_JOBS, "cluster")
        self._stopped = threading.Event()
        self._changed = threading.Condition()
        self._supplying = threading.Lock()
        self._taken: set[str] = set()
        self._supplied: set[tuple[str, str]] = set()
        self._files: dict[str, SentFile] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        with self._changed:
            self._changed.notify_all()
        self._threads.shutdown()
        self._client.close()

    @property
    def slots(self) -> int:
        """As many jobs as there are workers now."""
        return min(len(self._workers()), _MOST_JOBS)

    def start(self, folder: Path, spec: JobSpec) -> Future[dict[str, str]]:
        """Do a job on one of the machines; another one does it again when that one is lost."""
        return self._threads.submit(self._do, folder, spec)

    def _do(self, folder: Path, spec: JobSpec) -> dict[str, str]:
        training = _training(spec)
        files = tuple(self._sent(path) for path in sorted(_needed(self._project, spec)))
        corpus = _corpus(files)
        order = Order(corpus, folder.resolve().relative_to(self._project.resolve()).as_posix(), spec.kind, _bare(spec))
        for _ in range(_TRIES):
            worker = self._take()
            try:
                answer = self._try(worker, order, files, training)
            finally:
                self._give_back(worker)
            if answer is not None:
                return _taken_home(answer, folder)
        raise StudioError(
            "cluster.lost",
            f"{_TRIES} workers were lost while they did the same job.",
            why="A machine that has too little memory ends a worker without a word.",
            do="Look at what the workers said; let each machine do fewer jobs at a time.",
        )

    def _try(self, worker: str, order: Order, files: tuple[SentFile, ...], training: TrainSpec) -> Answer | None:
        """What came of it on this worker; None where the worker is lost."""
        try:
            if (worker, order.corpus) not in self._supplied:
                with self._supplying:  # what one worker of a machine was sent, its others have
                    self._check(worker, training)
                    self._supply(worker, order.corpus, files)
                self._supplied.add((worker, order.corpus))
            answer: Answer = self._ask(worker, cluster_worker.work, order)
        except _LostError:
            return None
        return answer

    def _check(self, worker: str, training: TrainSpec) -> None:
        """Raises StudioError ``cluster.release`` or ``cluster.negatives`` where the job could not be the same there."""
        there = self._ask(worker, cluster_worker.program_version)
        if there != mww_studio.__version__:
            raise StudioError(
                "cluster.release",
                f"The worker {worker} has the release {there} of this program; here is {mww_studio.__version__}.",
                do="Install the same release on every machine, and start its worker again.",
            )
        folders = training.preset.paths.extra_negatives
        inside = [folder for folder in folders if not Path(folder).is_absolute()]
        if inside or self._ask(worker, cluster_worker.lacking_folders, folders):
            raise StudioError(
                "cluster.negatives",
                f"The worker {worker} does not have the published sound of the preset: {', '.join(folders)}.",
                why="Sets of many gigabytes are not sent.",
                do="Put them into a folder that all machines share, and name that folder by its whole path.",
            )
        here = cluster_worker.sound_sets(training.preset)
        on_it = self._ask(worker, cluster_worker.sound_sets, training.preset)
        if on_it != here:
            raise StudioError(
                "cluster.negatives",
                f"The worker {worker} would train with other published sets than this computer.",
                why=f"Here are: {', '.join(here) or 'none'}; there: {', '.join(on_it) or 'none'}.",
                do="Install the same sets on every machine (mww-studio negatives), or leave them out.",
            )

    def _supply(self, worker: str, corpus: str, files: tuple[SentFile, ...]) -> None:
        """Send what the worker's machine lacks, some at a time."""
        lacking = set(self._ask(worker, cluster_worker.lacking, corpus, files))
        batch: list[SentFile] = []
        for file in [one for one in files if one.path in lacking]:
            if batch and sum(one.bytes for one in batch) + file.bytes > _SENT_AT_ONCE_BYTES:
                self._send(worker, corpus, batch)
                batch = []
            batch.append(file)
        self._send(worker, corpus, batch)

    def _send(self, worker: str, corpus: str, batch: list[SentFile]) -> None:
        if batch:
            contents = tuple((self._project / file.path).read_bytes() for file in batch)
            self._ask(worker, cluster_worker.keep, corpus, tuple(batch), contents)

    def _ask(self, worker: str, function: Callable[..., Any], *arguments: object) -> Any:
        """What a function says on a worker. Raises what it raises, Cancelled, and _LostError."""
        future = self._client.submit(
            function, *arguments, workers=[worker], allow_other_workers=False, pure=False, retries=0
        )
        try:
            while True:
                if self._stopped.is_set():
                    raise Cancelled
                try:
                    return future.result(timeout=_LOOK_S)
                except TimeoutError:
                    if worker not in self._workers():
                        raise _LostError from None
        except (ImportError, AttributeError) as error:
            raise StudioError(
                "cluster.program",
                f"The worker {worker} does not have this program.",
                why=f"{error}.",
                do="Install the same release of mww-studio in the Python that runs the worker.",
            ) from None
        except (KilledWorker, FutureCancelledError):
            raise _LostError from None
        finally:
            future.cancel()

    def _workers(self) -> list[str]:
        """The addresses of the workers that are there now. Raises StudioError ``cluster.gone``."""
        try:
            return list(self._client.nthreads())
        except (OSError, RuntimeError) as error:
            raise StudioError(
                "cluster.gone",
                f"The scheduler at {self._address} does not answer any more.",
                why=f"{error}.",
                do="Start it again, and go on: what was done is kept.",
            ) from None

    def _take(self) -> str:
        """A worker that does nothing for us; waits for one."""
        with self._changed:
            while not self._stopped.is_set():
                free = [worker for worker in self._workers() if worker not in self._taken]
                if free:
                    self._taken.add(free[0])
                    return free[0]
                self._changed.wait(_LOOK_S)
        raise Cancelled

    def _give_back(self, worker: str) -> None:
        with self._changed:
            self._taken.discard(worker)
            self._changed.notify_all()

    def _sent(self, path: str) -> SentFile:
        if path not in self._files:
            try:
                content = (self._project / path).read_bytes()
            except OSError as error:
                raise StudioError(
                    "cluster.no_file", f"{path} of the project cannot be read.", why=f"{error}.", do="Train again."
                ) from None
            self._files[path] = SentFile(path, hashlib.sha256(content).hexdigest(), len(content))
        return self._files[path]


class _LostError(Exception):
    """The worker is not there any more."""


def _training(spec: JobSpec) -> TrainSpec:
    training = spec.training if isinstance(spec, TrialSpec) else spec
    assert isinstance(training, TrainSpec)  # noqa: S101 - no other job is done on a cluster
    return training


def _needed(project: Path, spec: JobSpec) -> set[str]:
    """The files of the project without which the job cannot be done; a trial never sees the test side."""
    training = _training(spec)
    unseen = {Split.TEST} if isinstance(spec, TrialSpec) else set()
    paths = {clip.path for clip in training.clips if training.splits[clip.id] not in unseen}
    if training.start is None:
        return paths
    sets = str(PurePosixPath(training.start).with_name(SETS_FILE))
    return paths | {training.start} | ({sets} if (project / sets).is_file() else set())


def _corpus(files: tuple[SentFile, ...]) -> str:
    """A name for the recordings by their content. A checkpoint lies in the folder of its run, which says what it is."""
    recordings = [f"{file.path} {file.sha256}" for file in files if file.path.startswith(_RECORDINGS)]
    return hashlib.sha256("\n".join(recordings).encode()).hexdigest()[:20]


def _bare(spec: JobSpec) -> str:
    """The spec without this machine's paths; the folder in which it is read says where the project is."""
    training = _training(spec).model_copy(update={"project": Path()})
    bare = spec.model_copy(update={"training": training}) if isinstance(spec, TrialSpec) else training
    return bare.model_dump_json()


def _taken_home(answer: Answer, folder: Path) -> dict[str, str]:
    """The files that the job made, in its folder here; its result with this machine's paths."""
    for path, content in answer.files.items():
        place = (folder / path).resolve()
        if not place.is_relative_to(folder.resolve()):
            raise StudioError("cluster.path", f"{path} is no place in {folder}.", do="Use the same release everywhere.")
        place.parent.mkdir(parents=True, exist_ok=True)
        write_durably(place, content)
    return {
        name: str(folder / text.removeprefix("./")) if text.startswith("./") else text
        for name, text in answer.result.items()
    }
