"""The evaluation report of a run as one HTML file: planned where the project is open, made in a worker."""

import hashlib
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from mww_studio.durable import write_durably
from mww_studio.errors import StudioError
from mww_studio.evaluation.html_report_content import HtmlReport
from mww_studio.jobs.launch import run_job
from mww_studio.jobs.spec import JobSpec, read_spec_as
from mww_studio.progress import Progress
from mww_studio.project.records import RunState
from mww_studio.project.store import Project

REPORT_FILE = "report.html"
_CONTENT = "content.json"
_SUFFIXES = (".html", ".htm")


class ReportSpec(JobSpec):
    """One report: of which run, beside which others, and into which file."""

    kind: Literal["report"] = "report"
    project: Path
    run: str
    compare: tuple[str, ...]
    out: Path


def plan_report(
    project: Project, run_id: str | None = None, compare: Sequence[str] = (), out: Path | None = None
) -> ReportSpec:
    """What is to be done for the report of a run, the newest finished one if none is named.

    ``out``: the file, in the run's folder if not given. Raises StudioError ``report.no_run``, ``report.file``.
    """
    finished = [run.id for run in project.runs() if run.state is RunState.DONE]
    chosen = run_id or (finished[-1] if finished else "")
    for wanted in (chosen, *compare):
        if wanted not in finished:
            raise StudioError(
                "report.no_run",
                f"There is no finished training {wanted}." if wanted else "No training of this project is finished.",
                do=f"Choose one of: {', '.join(finished)}." if finished else "Train first: mww-studio train DIR.",
            )
    others = tuple(dict.fromkeys(one for one in compare if one != chosen))
    target = project.run_folder(chosen) / REPORT_FILE if out is None else out
    return ReportSpec(project=project.folder.resolve(), run=chosen, compare=others, out=_usable(target))


def renewed_report(project: Project, run_id: str) -> ReportSpec | None:
    """The plan by which the report that lies in a run's folder can be made anew; None where none lies there."""
    if not (project.run_folder(run_id) / REPORT_FILE).is_file():
        return None
    planned = plan_report(project, run_id)
    try:
        beside = read_spec_as(_work_folder(planned), ReportSpec).compare
    except StudioError:  # the cache was emptied since
        return planned
    finished = {run.id for run in project.runs() if run.state is RunState.DONE}
    return planned.model_copy(update={"compare": tuple(run for run in beside if run in finished)})


def make_report(spec: ReportSpec, progress: Progress) -> dict[str, str]:
    """Make a planned report in a worker process; returns where it is. Raises as :func:`~..launch.run_job` does."""
    return run_job(_work_folder(spec), spec, progress)


def read_content(spec: ReportSpec) -> HtmlReport:
    """All figures of the report that was made last for this file."""
    return HtmlReport.model_validate_json((_work_folder(spec) / _CONTENT).read_bytes())


def do_job(folder: Path, progress: Progress) -> dict[str, str]:
    """In the worker: measure, compare, write."""
    from mww_studio.evaluation.html_report import render
    from mww_studio.jobs.report_content import gather

    spec = read_spec_as(folder, ReportSpec)
    with Project.open(spec.project, read_only=True) as project:
        made_on = datetime.now(UTC).astimezone()
        content = gather(project, spec.run, spec.compare, spec.out.parent, made_on, progress)
    progress.phase("Writing the report")
    write_durably(folder / _CONTENT, content.model_dump_json().encode())
    try:
        write_durably(spec.out, render(content).encode())
    except OSError as error:
        raise _not_saved(spec.out, error) from None
    return {"report": str(spec.out), "run": spec.run}


def _work_folder(spec: ReportSpec) -> Path:
    """A folder for each file that is made: two reports at a time are in nobody's way."""
    key = hashlib.sha256(os.fsencode(spec.out)).hexdigest()[:12]
    return spec.project / "cache" / "work" / f"report-{key}"


def _usable(path: Path) -> Path:
    """The file, in a folder that is there. Raises StudioError ``report.file``."""
    if path.suffix.lower() not in _SUFFIXES or path.is_dir():
        raise StudioError(
            "report.file",
            f"The report cannot be written to {path}.",
            why="It is a web page, whose name ends in .html." if not path.is_dir() else "This is a folder.",
            do="Name a file such as report.html.",
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_saved(path, error) from None
    return path.resolve()


def _not_saved(path: Path, error: OSError) -> StudioError:
    return StudioError(
        "report.file",
        f"The report could not be written to {path}.",
        why=f"{error.strerror}.",
        do="Choose another folder.",
    )
