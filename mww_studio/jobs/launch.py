"""Jobs and the workers that do them; a training as its project sees it: recorded, done, its end recorded."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs.events import Event, Failed, Logged, PhaseStarted, Stepped, Succeeded, WasCancelled
from mww_studio.jobs.process import JobProcess
from mww_studio.jobs.spec import JobSpec, TrainSpec, write_spec
from mww_studio.progress import Progress
from mww_studio.project.records import Run, RunState
from mww_studio.project.store import Project


def new_training(project: Project, spec: TrainSpec) -> Run:
    """Record a new run and write its spec."""
    run = project.new_run(spec.preset.name, spec.seed)
    write_spec(spec, project.run_folder(run.id))
    return run


def run_training(project: Project, run: Run, progress: Progress) -> dict[str, str]:
    """Do a recorded run to its end in a worker process; returns where its results are. Raises as :func:`run_job`."""
    project.set_run_state(run.id, RunState.RUNNING)
    try:
        end = _work(project.run_folder(run.id), progress)
    except BaseException:
        project.set_run_state(run.id, RunState.INTERRUPTED)
        raise
    if isinstance(end, Succeeded):
        project.set_run_state(run.id, RunState.DONE)
    elif isinstance(end, Failed):
        project.set_run_state(run.id, RunState.FAILED, end.what)
    else:
        project.set_run_state(run.id, RunState.CANCELLED)
    return _result(end)


def run_job(folder: Path, spec: JobSpec, progress: Progress) -> dict[str, str]:
    """Do a job in a worker process, in a folder of its own, which is made; returns where its results are.

    Ctrl-C and SIGTERM end it within two seconds; ``progress`` may steer it. Raises StudioError as the worker reports
    it, and Cancelled. What the job left in the folder before is there when it is done again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_spec(spec, folder)
    return _result(_work(folder, progress))


def _work(folder: Path, progress: Progress) -> Event:
    """Let a worker do the job in a folder; returns the last that it said."""
    end: Event = WasCancelled()
    with JobProcess(folder) as worker, _stopped_by_signals(worker.cancel), progress.controlled(worker):
        for end in worker.events():
            _pass_on(end, progress)
    return end


def _result(end: Event) -> dict[str, str]:
    if isinstance(end, Succeeded):
        return end.result
    if isinstance(end, Failed):
        raise StudioError(end.code, end.what, why=end.why, do=end.do)
    raise Cancelled


def _pass_on(event: Event, progress: Progress) -> None:
    if isinstance(event, PhaseStarted):
        progress.phase(event.name, event.total)
    elif isinstance(event, Stepped):
        progress.step(event.done, **event.figures)
    elif isinstance(event, Logged):
        progress.log(event.text)


@contextlib.contextmanager
def _stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """While it lasts, Ctrl-C and SIGTERM call ``stop``. Outside the main thread it does nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(_signal: int, _frame: FrameType | None) -> None:
        stop()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
