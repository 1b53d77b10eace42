"""The words for sets of other sound: what they hold, how large they are, and what their licence means."""

from PySide6.QtCore import QCoreApplication, QLocale

from mww_studio.corpus.negatives import UNKNOWN_LICENCE, FeatureSet
from mww_studio.jobs.negatives_listing import SetRow
from mww_studio.services.jobs import Job
from mww_studio.services.negatives_works import CHECKING, DOWNLOADING, UNPACKING

_GIGA, _MEGA = 1_000_000_000, 1_000_000


def size(count: int) -> str:
    """Such as “444 MB” or “2.3 GB”."""
    if count >= _GIGA:
        return _tr("{number} GB").format(number=QLocale().toString(count / _GIGA, "f", 1))
    return _tr("{number} MB").format(number=QLocale().toString(round(count / _MEGA)))


def hours(count: float) -> str:
    """Such as “81 hours” or “24 minutes”."""
    if count < 1:
        return _tr("{number} minutes").format(number=QLocale().toString(round(60 * count)))
    return _tr("{number} hours").format(number=QLocale().toString(count, "f", 0 if count >= 10 else 1))


def title(known: FeatureSet) -> str:
    """What it is called."""
    return known.title if known.is_own else QCoreApplication.translate("Sound sets", known.title)


def about(known: FeatureSet) -> str:
    """What is in it and what it is good for."""
    if known.is_own:
        return _tr("Made of the folder {folder}.").format(folder=known.source)
    return QCoreApplication.translate("Sound sets", known.what)


def facts(row: SetRow) -> str:
    """Length, sizes and licence in one line."""
    known = row.known
    parts = [hours(row.hours)] if row.hours else []
    if row.installed is None:
        text = _tr("{came} of {size} came already") if row.came_bytes else _tr("{size} to download")
        parts.append(text.format(came=size(row.came_bytes), size=size(known.bytes)))
        if known.unpacked_bytes:
            parts.append(_tr("{size} on the disk").format(size=size(known.unpacked_bytes)))
    else:
        parts.append(_tr("{size} on the disk").format(size=size(row.disk_bytes)))
    if not known.is_own or known.licence != UNKNOWN_LICENCE:
        bound = _tr("{licence}, not for commercial use") if known.non_commercial else "{licence}"
        parts.append(bound.format(licence=known.licence))
    return " · ".join(parts)


def question(known: FeatureSet) -> tuple[str, str]:
    """What has to be accepted before the download: a title and why it matters."""
    text = _tr(
        "Its licence is {licence}. You may use a wake word that was made with it at home, but not sell it, nor a "
        "product with it. The licence stands at {url}"
    )
    return _tr("This may not be used commercially"), text.format(licence=known.licence, url=known.licence_url)


def progress(job: Job) -> str:
    """Such as “120 MB of 444 MB · about 3 min left”."""
    if job.phase.startswith(DOWNLOADING) and job.total:
        text = _tr("{done} of {all}").format(done=size(job.done), all=size(job.total))
    elif job.phase.startswith(CHECKING):
        text = _tr("It is being checked")
    elif job.phase.startswith(UNPACKING):
        text = _tr("It is being unpacked")
    else:
        text = _tr("One moment")
    return _tr("{text} · {left}").format(text=text, left=job.left_text) if job.left_text else text


def _tr(text: str) -> str:
    return QCoreApplication.translate("NegativesWords", text)
