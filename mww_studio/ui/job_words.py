"""What is said about a job: while it runs, and once when it ended."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from mww_studio.services.job_thread import JobState
from mww_studio.services.jobs import Job

_PAGES = {
    "train": "train",
    "quickstart": "train",
    "import": "samples",
    "export": "deploy",
    "mining": "mining",
    "speakers": "speakers",
    "leakage": "speakers",
    "report": "results",
    "tune": "tuning",
    "negatives": "negatives",
    "negatives_folder": "negatives",
    "flash": "flash",
    "flash_check": "flash",
    "device_log": "flash",
    "doctor": "doctor",
    "voices": "voices",
    "voices_install": "voices",
    "voices_index": "voices",
}
_ICONS = {
    "train": "brain",
    "quickstart": "brain",
    "import": "folder-plus",
    "export": "folder-down",
    "mining": "search",
    "speakers": "users",
    "leakage": "users",
    "report": "file-chart-column",
    "tune": "sliders-horizontal",
    "negatives": "cloud-download",
    "negatives_folder": "folder-plus",
    "flash": "cable",
    "flash_check": "file-check",
    "device_log": "scroll-text",
    "doctor": "stethoscope",
    "voices": "message-circle",
    "voices_install": "cloud-download",
    "voices_index": "cloud-download",
}


@dataclass(frozen=True)
class Ending:
    """How a job ended: a state (ok, bad, info), a sentence, and the button that leads to the rest."""

    state: str
    text: str
    button: str = ""
    page: str = ""


def page_of(job: Job) -> str:
    """The key of the job's own page, empty if it has none."""
    return _PAGES.get(job.kind, "")


def icon_of(job: Job) -> str:
    """The icon of a running job."""
    return _ICONS.get(job.kind, "cpu")


def state_text(job: Job, *, closing: bool = False) -> str:
    """Such as “62 % · about 6 min left”."""
    if job.state is JobState.STOPPING:
        return _tr("Stopping…")
    if job.state is JobState.PAUSING:
        return _tr("Pausing…")
    if job.state is JobState.WAITING:
        return _tr("Waiting until the one before it is done")
    percent = _percent(job)
    if job.state is JobState.PAUSED:
        return _tr("Paused at {percent}").format(percent=percent) if percent else _tr("Paused")
    if closing:
        return _tr("{percent} · the window closes when it is done").format(percent=percent or job.left_text)
    if job.kind == "import" and job.total:
        return _tr("{done} of {total} files").format(done=f"{job.done:n}", total=f"{job.total:n}")
    return _tr("{percent} · {left}").format(percent=percent, left=job.left_text) if percent else job.left_text


def spoken(job: Job) -> str:
    """Such as “Training run 3, 62 percent, about 6 minutes left”."""
    if job.state is JobState.RUNNING and job.fraction is not None:
        return _tr("{job}, {percent} percent, {left}").format(
            job=job.title, percent=round(100 * job.fraction), left=job.left_spoken
        )
    return _tr("{job}, {state}").format(job=job.title, state=state_text(job))


def ending(job: Job) -> Ending:
    """What is said when a job ended."""
    page = page_of(job)
    if job.state is JobState.CANCELLED:
        return Ending("info", _tr("{job} was stopped.").format(job=job.title))
    if job.state is JobState.FAILED:
        if page == "train":
            return Ending("bad", _tr("Training stopped by itself."), _tr("Show why"), page)
        what = job.error.what if job.error else ""
        return Ending(
            "bad",
            _tr("{job}: {what}").format(job=job.title, what=what),
            _tr("Show why"),
            page,
        )
    if page == "train":
        return Ending("ok", _tr("Training finished."), _tr("Show results"), "results")
    if job.kind == "import":
        return Ending("ok", _tr("The files were added."), _tr("Show samples"), page)
    if job.kind == "report":
        return Ending("ok", _tr("The full report is written."))
    if job.kind == "export":
        return Ending("ok", _tr("The files are written."), _tr("Show"), page)
    return Ending(
        "ok",
        _tr("{job} is done.").format(job=job.title),
        _tr("Show") if page else "",
        page,
    )


def _percent(job: Job) -> str:
    return "" if job.fraction is None else _tr("{number} %").format(number=int(100 * job.fraction))


def _tr(text: str) -> str:
    return QCoreApplication.translate("JobWords", text)
