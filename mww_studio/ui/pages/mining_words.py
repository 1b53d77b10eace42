"""A search for mistakes in words."""

from PySide6.QtCore import QCoreApplication, QLocale

from mww_studio.evaluation.scorecard import count_rate
from mww_studio.jobs.mining_record import Scan
from mww_studio.ui.pages.results_words import hours_text, proves


def taught_text(count: int) -> str:
    """Such as “12 sounds will teach the next training”."""
    if count == 1:
        return _tr("1 sound will teach the next training")
    return _tr("{count} sounds will teach the next training").format(count=QLocale().toString(count))


def told(scan: Scan) -> tuple[str, str, str]:
    """A search as a message: its kind, title and text."""
    locale, rate = QLocale(), count_rate(scan.hours, scan.woke)
    hours = hours_text(scan.hours)
    if scan.woke:
        one = _tr("It woke once by mistake in {hours}")
        many = _tr("It woke {count} times by mistake in {hours}")
        title = (one if scan.woke == 1 else many).format(count=locale.toString(scan.woke), hours=hours)
        text = _tr("That is {rate}. New ones among them are offered here, without repetitions.")
        if not scan.offered:
            text = _tr("That is {rate}. All of them were offered before.")
        return "info", title, text.format(rate=proves(rate))
    if scan.offered:
        title = _tr("Nothing woke it in {hours}").format(hours=hours)
        return "info", title, _tr("That {proves}. These came near; they can teach it, too.").format(proves=proves(rate))
    title = _tr("Nothing woke it in {hours}, and nothing new came near").format(hours=hours)
    return "ok", title, _tr("That {proves}. More hours of other sound prove more.").format(proves=proves(rate))


def _tr(text: str) -> str:
    return QCoreApplication.translate("MiningWords", text)
