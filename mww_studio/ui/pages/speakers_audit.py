"""Whether learning and test share something: people, recordings, or copies of one sound."""

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QWidget

from mww_studio.jobs.leakage import Copies, LeakageReport, Shared
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.flow import FlowLayout
from mww_studio.ui.kit.rows import StatusRow

_SHOWN = 3


class AuditCard(Card):
    """Asks for a look at the split, or for its end, and shows what it found."""

    look_wanted = Signal()
    clip_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("Do learning and test share something?"))
        self.set_sentence(
            self.tr("The test tells the truth only where the wake word never learned from the same sound.")
        )
        self._people, self._recordings, self._copies = StatusRow(), StatusRow(), StatusRow()
        self._rows = (self._people, self._recordings, self._copies)
        for row in self._rows:
            row.hide()
            self.body.addWidget(row)
        place = QWidget()
        flow = FlowLayout(place)
        self.look_button = Button(self.tr("Compare learning and test"), icon="search")
        self.look_button.clicked.connect(self.look_wanted)
        flow.addWidget(self.look_button)
        self.copy_button = Button(self.tr("Show the first copy"), icon="list-music")
        self.copy_button.clicked.connect(self._show_copy)
        self.copy_button.hide()
        flow.addWidget(self.copy_button)
        self.body.addWidget(place)
        self._first = 0

    def show_busy(self, on: bool) -> None:
        """Whether it is being looked at; then the button stops it."""
        self.look_button.setText(self.tr("Stop comparing") if on else self.tr("Compare learning and test"))
        self.look_button.set_icon("square" if on else "search")

    def clear(self) -> None:
        """Nothing is known."""
        for row in self._rows:
            row.hide()
        self.copy_button.hide()

    def show_report(self, report: LeakageReport) -> None:
        """Show what was found."""
        self._people.set(*self._said_of_people(report))
        self._recordings.set(*self._said_of_recordings(report.recordings))
        self._copies.set(*self._said_of_copies(report.copies, report.alike_voices))
        for row in self._rows:
            row.show()
        self.copy_button.setVisible(bool(report.copies))
        self._first = report.copies[0].first if report.copies else 0

    def _said_of_people(self, report: LeakageReport) -> tuple[str, str, str]:
        if report.people_apart:
            return "ok", self.tr("Every person is on one side only."), ""
        if report.people:
            one, many = self.tr("1 person is on both sides"), self.tr("{count} people are on both sides")
            names = ", ".join(person.name for person in report.people[:_SHOWN])
            why = self.tr("{names}. Takes of five people or more, all named, let the program keep people apart.")
            return "info", self._counted(one, many, len(report.people)), why.format(names=names)
        if report.nameless:
            one, many = self.tr("1 take has no person"), self.tr("{count} takes have no person")
            return (
                "info",
                self._counted(one, many, report.nameless),
                self.tr("Nobody can tell whether the same people are on both sides."),
            )
        return "ok", self.tr("No person is on both sides."), ""

    def _said_of_recordings(self, recordings: tuple[Shared, ...]) -> tuple[str, str, str]:
        if not recordings:
            return "ok", self.tr("No recording is on both sides."), ""
        one, many = self.tr("1 recording is on both sides"), self.tr("{count} recordings are on both sides")
        why = self.tr("There are too few to share out. Takes of another day make the test more honest.")
        return "info", self._counted(one, many, len(recordings)), why

    def _said_of_copies(self, copies: tuple[Copies, ...], alike_voices: int) -> tuple[str, str, str]:
        if not copies:
            voices = self.tr("Computer voices sound like each other; that is how they are, and no copy.")
            return "ok", self.tr("No sound is on both sides twice."), voices if alike_voices else ""
        one = self.tr("1 sound is nearly the same on both sides")
        many = self.tr("{count} sounds are nearly the same on both sides")
        pairs = ", ".join(
            self.tr("take {first} and take {second}").format(first=pair.first, second=pair.second)
            for pair in copies[:_SHOWN]
        )
        why = self.tr("{pairs}. Move one of each to the trash.").format(pairs=pairs[:1].upper() + pairs[1:])
        return "warn", self._counted(one, many, len(copies)), why

    def _counted(self, one: str, many: str, count: int) -> str:
        return one if count == 1 else many.format(count=QLocale().toString(count))

    def _show_copy(self) -> None:
        self.clip_wanted.emit(self._first)
