"""An open project: what may be changed in it, each change with a name and a way back; its jobs; its next step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from mww_studio.errors import StudioError
from mww_studio.jobs.negatives_choice import SetChoice, read_choice, write_choice
from mww_studio.jobs.phrases import Edits, read_edits, write_edits
from mww_studio.jobs.planning import can_resume
from mww_studio.presets import Preset, Synthesis
from mww_studio.project.records import ClipKind, ProjectInfo, Run, RunState
from mww_studio.project.storage import storage_errors
from mww_studio.project.store import Project
from mww_studio.services import plans, voices_works, works
from mww_studio.services.background import Background
from mww_studio.services.job_thread import Outcome, Work
from mww_studio.services.jobs import Job, JobList
from mww_studio.services.library import Library
from mww_studio.services.run_history import CutOffRun, RunHistory, read_history
from mww_studio.services.settings import Settings

if TYPE_CHECKING:
    from mww_studio.export.words import DeviceOrder
    from mww_studio.jobs.mining_record import State
    from mww_studio.jobs.readiness import NextStep

T = TypeVar("T")
TRAINING_LANE = "training"
_CUTOFF_LANE = "cut-off"
_IMPORT_MS = 250  # between two looks at what an import brought


class Session(Library):
    """One project from opening to closing: its library, its jobs and runs, and what comes next."""

    runs_changed = Signal()
    phrases_changed = Signal()
    sets_changed = Signal()

    def __init__(
        self, project: Project, jobs: JobList, background: Background, settings: Settings, parent: QObject | None = None
    ) -> None:
        super().__init__(project, jobs, parent)
        self._background, self._settings = background, settings
        self._import_timer = QTimer(self)
        self._import_timer.setSingleShot(True)
        self._import_timer.setInterval(_IMPORT_MS)
        self._import_timer.timeout.connect(self._clips_did_change)

    @property
    def folder(self) -> Path:
        """Where the project lies."""
        return self.project.folder

    @property
    def info(self) -> ProjectInfo:
        """The wake word and who made it."""
        return self.project.info

    @property
    def jobs(self) -> list[Job]:
        """The jobs of this project in this sitting, the oldest first."""
        return list(self._own_jobs)

    @property
    def training(self) -> Job | None:
        """The training of this project that runs or waits, the first of several."""
        return next((job for job in self._own_jobs if job.is_busy and job.lane == TRAINING_LANE), None)

    def import_files(self, paths: Sequence[Path], kind: ClipKind, speaker: str | None) -> Job:
        """Bring sound files and folders in; its result is an ImportReport."""
        job = Job("import", self.tr("Adding sound files"), works.importing(self.project, list(paths), kind, speaker))
        job.figured.connect(self._on_import_step)
        job.ended.connect(self._on_import_end)
        return self.start(job)

    def train(self, preset: Preset, seed: int = 0) -> Job:
        """Train a new run. Its subject becomes the run's id."""
        if not self._settings.gpu:
            hardware = preset.hardware.model_copy(update={"device": "cpu"})
            preset = preset.model_copy(update={"hardware": hardware})
        number = len(self.project.runs()) + 1 + sum(job.is_busy and not job.subject for job in self._trainings())
        return self._start_training(
            Job(
                "train",
                self.tr("Training run {number}").format(number=number),
                works.training(self.project, preset, seed),
                plan=plans.training_plan(self.project, preset),
                lane=TRAINING_LANE,
            )
        )

    def resume(self, run_id: str) -> Job:
        """Go on with a run from its last checkpoint."""
        run = works.find_run(self.project, run_id)
        number = [other.id for other in self.project.runs()].index(run_id) + 1
        return self._start_training(
            Job(
                "train",
                self.tr("Training run {number}").format(number=number),
                works.resuming(self.project, run_id),
                plan=plans.resumed_plan(self.project, run),
                lane=TRAINING_LANE,
                subject=run_id,
                figures=self.history(run_id).figures,
            )
        )

    def train_on_voices(self) -> Job:
        """Let computer voices say the word, and train on that."""
        preset = works.voices_preset()
        return self._start_training(
            Job(
                "quickstart",
                self.tr("Trying with computer voices"),
                works.speaking(self.project, preset),
                plan=plans.voices_plan(self.project, preset),
                lane=TRAINING_LANE,
            )
        )

    def export(self, run_id: str | None, out: Path, order: DeviceOrder) -> Job:
        """Write the files of a run, the newest finished one if none is named, for a device; its result is a Bundle."""
        return self.start(
            Job("export", self.tr("Writing the files"), works.exporting(self.project, run_id, out, order))
        )

    def let_voices_speak(self, settings: Synthesis, respellings: tuple[str, ...], expected_s: float) -> Job:
        """Let computer voices say the wake word and other things as new samples; its result is a VoicesReport."""
        work = voices_works.speaking(self.project, settings, respellings)
        return self._start_voices(work, expected_s, settings.takes + settings.near + settings.sentences)

    def go_on_with_voices(self) -> Job:
        """Let computer voices go on with what they were stopped in."""
        return self._start_voices(voices_works.going_on(self.project), 0.0, 0)

    def use_cutoff(self, run_id: str, cutoff: float, window: int | None = None) -> None:
        """Give a run another cut-off (and window); ``runs_changed`` says when it has it. Raises ``results.none``."""
        former = works.operating_point(self.project, run_id)
        again = partial(self._cutoff_now, run_id, cutoff, window or former.sliding_window_size)
        back = partial(self._cutoff_now, run_id, former.cutoff, former.sliding_window_size)
        self._change(self.tr("Use the cut-off {cutoff:.2f}").format(cutoff=cutoff), again, back)

    def change_phrases(self, edits: Edits, text: str) -> None:
        """Use another list of near-sounding phrases, under a name for undo. Raises StudioError."""
        again, back = partial(self._phrases_now, edits), partial(self._phrases_now, read_edits(self.project))
        self._change(text, again, back)

    def choose_sets(self, choice: SetChoice, text: str) -> None:
        """Use other sets of published sound, under a name for undo. Raises StudioError."""
        again, back = partial(self._sets_now, choice), partial(self._sets_now, read_choice(self.folder))
        self._change(text, again, back)

    def decide_found(self, wanted: Mapping[int, State], text: str, speaker: str | None = None) -> None:
        """Decide about sounds that a search found, under a name for undo. Raises StudioError as ``decide`` does."""
        from mww_studio.jobs.mining_record import read_record

        record = read_record(self.folder)
        before = {one.id: one.state for one in record.candidates if one.id in wanted}
        again = partial(self._decide_now, dict(wanted), speaker, undoing=False)
        self._change(text, again, partial(self._decide_now, before, None, undoing=True))

    def runs(self) -> list[Run]:
        """All runs, the oldest first."""
        return self.project.runs()

    def history(self, run_id: str) -> RunHistory:
        """What a run said about itself so far."""
        return read_history(self.project.run_folder(run_id))

    def interrupted_runs(self) -> list[CutOffRun]:
        """The runs that were cut off and can go on, the newest first: nobody stopped them, or closing the program did.

        A run that goes on already is none of them.
        """
        going = {job.subject for job in self._trainings() if job.is_busy}
        return [
            CutOffRun(run, self.history(run.id))
            for run in reversed(self.project.runs())
            if run.state is RunState.INTERRUPTED and run.id not in going and can_resume(self.project, run)
        ]

    def leave(self, run_id: str) -> None:
        """Do not offer a cut-off run any more; it can still go on from the list of runs."""
        self.project.set_run_state(run_id, RunState.CANCELLED)
        self._runs_did_change()

    def next_step(self) -> NextStep:
        """What the person should do next; a tenth of a second for tens of thousands of clips."""
        from mww_studio.jobs.readiness import next_step

        return next_step(self.project)

    def mark_tried(self, run_id: str) -> None:
        """Remember that somebody tried this run's model live."""
        from mww_studio.jobs.examination import mark_tried

        with storage_errors(self.folder):
            mark_tried(self.project.run_folder(run_id))
        self._runs_did_change()

    def ask(
        self,
        work: Callable[[Project], T],
        done: Callable[[T], None],
        failed: Callable[[StudioError], object] | None = None,
        key: str = "",
    ) -> None:
        """Let ``work`` read the project in another thread; the rest as in :meth:`Background.run`."""
        self._background.run(partial(_with_sibling, self.project, work), done, failed, key)

    def close(self) -> bool:
        """Forget what could be undone; close the project unless a job of it is busy. Returns whether it is closed."""
        self.is_open = False
        self._forget_changes()
        self._import_timer.stop()
        if any(job.is_busy for job in self._own_jobs):
            return False
        self.project.close()
        return True

    def end(self) -> None:
        """Close the project whatever its jobs do; their threads have ended."""
        self.close()
        self.project.close()

    def reopen(self) -> None:
        """Take the project up again that could not be closed because a job was busy."""
        self.is_open = True

    def _cutoff_now(self, run_id: str, cutoff: float, window: int) -> None:
        """In a lane, so that the last one wins whatever is undone and redone meanwhile."""
        job = Job(
            "cut-off",
            self.tr("Changing the cut-off"),
            works.using_cutoff(self.project, run_id, cutoff, window),
            lane=_CUTOFF_LANE,
            subject=run_id,
            foreground=False,
        )
        job.subject_known.connect(self._runs_did_change)
        job.settled.connect(self._tell_trouble)
        self.start(job)

    def _phrases_now(self, edits: Edits) -> None:
        write_edits(self.project, edits)
        self._did_change(self.phrases_changed)

    def _sets_now(self, choice: SetChoice) -> None:
        write_choice(self.project, choice)
        self._did_change(self.sets_changed)

    def _decide_now(self, wanted: dict[int, State], speaker: str | None, *, undoing: bool) -> None:
        change = partial(_decide_in, wanted=wanted, speaker=speaker, undoing=undoing)
        self._write(change, len(wanted), people=speaker is not None, new=True)

    def _start_voices(self, work: Work, expected_s: float, clips: int) -> Job:
        plan = voices_works.speaking_plan(expected_s, clips) if clips else []
        title = self.tr("Letting computer voices speak")
        job = Job(voices_works.SPEAK, title, work, plan=plan, lane=voices_works.SPEAKING_LANE)
        job.ended.connect(self._on_voices_end)
        return self.start(job)

    def _on_voices_end(self, outcome: Outcome) -> None:
        from mww_studio.jobs.voices_adding import VoicesReport

        if isinstance(outcome.result, VoicesReport):
            ids = outcome.result.ids
            one, many = self.tr("Add 1 sample of a computer voice"), self.tr("Add %Ln samples", "", len(ids))
            self.added(ids, one if len(ids) == 1 else many)

    def _trainings(self) -> list[Job]:
        return [job for job in self._own_jobs if job.lane == TRAINING_LANE]

    def _start_training(self, job: Job) -> Job:
        job.subject_known.connect(self._runs_did_change)
        job.ended.connect(self._runs_did_change)
        if job.kind == "quickstart":
            job.subject_known.connect(self._clips_did_change)
        return self.start(job)

    def _on_import_step(self) -> None:
        if self.is_open and not self._import_timer.isActive():
            self._import_timer.start()

    def _on_import_end(self, outcome: Outcome) -> None:
        from mww_studio.jobs.importing import ImportReport

        ids = outcome.result.ids if isinstance(outcome.result, ImportReport) else ()
        one, many = self.tr("Add 1 sample"), self.tr("Add %Ln samples", "", len(ids))
        self.added(ids, one if len(ids) == 1 else many)

    def _runs_did_change(self) -> None:
        self._did_change(self.runs_changed)


def _decide_in(project: Project, wanted: Mapping[int, State], speaker: str | None, undoing: bool) -> None:
    from mww_studio.jobs.mining_decisions import decide

    decide(project, wanted, speaker=speaker, undoing=undoing)


def _with_sibling(project: Project, work: Callable[[Project], T]) -> T:
    with project.sibling() as own:
        return work(own)
