"""A finished run held against everything that a device and ESPHome ask of it, before its files go anywhere."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from mww_studio.constitution.verdicts import Outcome, Verdict
from mww_studio.errors import StudioError
from mww_studio.export.bundle import bundle_files
from mww_studio.export.provenance import SoundSet
from mww_studio.export.words import DeviceOrder
from mww_studio.jobs.delivery import FILES, export_run
from mww_studio.jobs.negatives_used import recorded_sets
from mww_studio.jobs.results import judge_run
from mww_studio.jobs.verdict import RunVerdict
from mww_studio.jobs.verify import verify_file
from mww_studio.progress import Progress
from mww_studio.project.records import Run, RunState
from mww_studio.project.store import Project

# What is wrong with the words that were asked for, not with the program or the disk.
_AT_FAULT = {
    "export.refused",
    "manifest.invalid",
    "word.refused",
    "word.vad",
    "device.twice",
    "device.step",
    "device.memory",
}


@dataclass(frozen=True)
class Inspection:
    """``verdicts``: the law on the model and its manifest. ``configuration``: the YAML as ordered, named ``name``.

    ``refusal``: why the files cannot be exported (then ``configuration`` is empty), or None where ESPHome accepts them.
    ``remarks``: what to bear in mind of the words and the board together.
    ``measured``: what Results says of the run. ``sound_sets``: what its training used beside the person's own sound.
    """

    run: Run
    order: DeviceOrder
    verdicts: tuple[Verdict, ...]
    name: str
    configuration: str
    refusal: StudioError | None
    measured: RunVerdict
    sound_sets: tuple[SoundSet, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def kept(self) -> int:
        """How many rules are kept."""
        return sum(verdict.outcome is Outcome.PASS for verdict in self.verdicts)


def deliverable_run(project: Project) -> Run | None:
    """The newest finished run, whose files would be exported; None before the first."""
    return next((run for run in reversed(project.runs()) if run.state is RunState.DONE), None)


def inspect_run(project: Project, run: Run, order: DeviceOrder) -> Inspection:
    """Judge a finished run's files, and let ESPHome judge the configuration that is asked for.

    Takes a few seconds; nothing is left on the disk. Raises StudioError as :func:`export_run` does where it is not
    the files that are at fault.
    """
    made = bundle_files(project.run_folder(run.id) / FILES, project.info.wake_word)
    verdicts = tuple(verify_file(made.manifest, ours=True))
    refusal, configuration, name = None, "", made.configuration.name
    remarks: tuple[str, ...] = ()
    with tempfile.TemporaryDirectory() as folder:
        try:
            files = export_run(project, run.id, Path(folder) / "out", order, generate=False, progress=Progress())
            configuration, name = files.configuration.read_text("utf-8"), files.configuration.name
            remarks = files.remarks
        except StudioError as error:
            if error.code not in _AT_FAULT:
                raise
            refusal = error
    measured = judge_run(project, run.id)
    sets = recorded_sets(project.run_folder(run.id))
    return Inspection(run, order, verdicts, name, configuration, refusal, measured, sets, remarks)
