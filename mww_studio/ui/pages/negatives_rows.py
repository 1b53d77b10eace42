"""One set of other sound in a row: what it is, how far its download is, and whether the project uses it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from mww_studio.errors import StudioError
from mww_studio.jobs.negatives_listing import SetRow
from mww_studio.services.jobs import Job
from mww_studio.ui.kit.fields import Check
from mww_studio.ui.kit.text import Label
from mww_studio.ui.pages import negatives_words as words
from mww_studio.ui.pages.download_line import DownloadLine


class SetLine(DownloadLine):
    """A set with its buttons; ``use_changed`` carries its name."""

    use_changed = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row: SetRow | None = None
        self._about = Label(wrap=True)
        self.use = Check(self.tr("Use it for this wake word"))
        self.use.toggled.connect(self._on_use)
        self.texts.insertWidget(self.texts.indexOf(self.facts), self._about)
        self.texts.insertWidget(self.texts.indexOf(self.facts) + 1, self.use)

    def controls(self) -> tuple[QWidget, ...]:
        """What the Tab key leads to, as one reads."""
        return (*super().controls(), self.use)

    def show_set(self, row: SetRow, *, used: bool, job: Job | None, error: StudioError | None) -> None:
        """Show a set as it is now: whether the project uses it, its running job, and why the last one failed."""
        self.row = row
        title, there = words.title(row.known), row.installed is not None
        self._about.setText(words.about(row.known))
        self.facts.setText(words.facts(row))
        blocked = self.use.blockSignals(True)
        self.use.setChecked(used)
        self.use.blockSignals(blocked)
        self.use.setVisible(there)
        self.use.setAccessibleName(self.tr("Use {set} for this wake word").format(set=title))
        self.get.setText(self.tr("Go on") if row.came_bytes else self.tr("Download"))
        self.show_thing(row.known.name, title, job, error, there=there, used=used, came=row.came_bytes > 0)

    def begin(self) -> None:
        """Download it; a licence that forbids commercial use is accepted first."""
        assert self.row is not None  # noqa: S101 - a button that can be pressed belongs to a set
        if self.row.known.non_commercial:
            self.ask(
                "warn",
                *words.question(self.row.known),
                (self.tr("Accept and download"), self.accepted, "normal"),
                (self.tr("Not now"), self.ask_nothing, "quiet"),
            )
        else:
            self.accepted()

    def removal_text(self) -> str:
        """What it takes to have it again."""
        assert self.row is not None  # noqa: S101 - a button that can be pressed belongs to a set
        if self.row.installed is None:
            return self.tr("What came of it is deleted; another download begins anew.")
        if self.row.known.is_own:
            return self.tr("Your recordings stay where they are. To have the set again, they are listened to again.")
        return self.tr("To have it again, it must be downloaded again.")

    def progress_text(self, job: Job) -> str:
        """How many megabytes came."""
        return words.progress(job)

    def _on_use(self, used: bool) -> None:
        self.use_changed.emit(self.name, used)
