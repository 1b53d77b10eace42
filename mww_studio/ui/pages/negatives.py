"""Other talk to download: sets of sound that others have published, and folders of one's own, for the model's no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.corpus.negatives import Purpose
from mww_studio.errors import StudioError
from mww_studio.jobs.negatives_choice import SetChoice, changed, read_choice
from mww_studio.jobs.negatives_listing import SetList, SetRow, list_sets
from mww_studio.services.jobs import Job
from mww_studio.services.negatives_works import ADD, GET, LANE, adding, download_plan, getting
from mww_studio.ui import job_words
from mww_studio.ui.kit.bars import Progress
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.fields import LineEdit, field
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.pages import negatives_words as words
from mww_studio.ui.pages.download_room import DownloadRoom
from mww_studio.ui.pages.negatives_rows import SetLine
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.project.store import Project
    from mww_studio.services.studio import Studio

_OWN = "own"


@dataclass(frozen=True)
class _Seen:
    """What is on this computer, and what the project does not use of it."""

    sets: SetList
    choice: SetChoice


class NegativesPage(DownloadRoom[SetLine]):
    """A card for each purpose, a row for each set; downloads go on when the page is left."""

    key: ClassVar[str] = "negatives"
    icon: ClassVar[str] = "cloud-download"
    under: ClassVar[str] = "samples"
    downloads: ClassVar[str] = GET

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(studio, parent)
        self._seen: _Seen | None = None
        self._unread: Message | None = None
        self._free = Label(colour="text2", wrap=True)
        self.content.addWidget(self._free)
        self._cards: dict[str, Card] = {
            Purpose.TRAIN: Card(
                self.tr("To learn from"),
                self.tr("Hours of talk and music in which nobody says your word: the more, the fewer mistakes."),
            ),
            Purpose.EXAMINE: Card(
                self.tr("To be examined with"),
                self.tr("Nothing is learned from it, so it tells how often the word is heard by mistake."),
            ),
            Purpose.SURROUND: Card(
                self.tr("Other rooms and other noise"),
                self.tr("Your takes are put into them, so that the word is heard there too."),
            ),
            _OWN: Card(
                self.tr("Your own folders"),
                self.tr(
                    "Hours of your television or kitchen in which nobody says the word. They are listened to once."
                ),
            ),
        }
        self._rows = {purpose: QVBoxLayout() for purpose in self._cards}
        for purpose, card in self._cards.items():
            self._rows[purpose].setSpacing(Theme.current().u(3))
            card.body.addLayout(self._rows[purpose])
            card.hide()
            self.content.addWidget(card)
        self._make_adding()

    def title(self) -> str:
        """Other talk to download."""
        return self.tr("Other talk to download")

    def sentence(self) -> str:
        """What it is for."""
        return self.tr(
            "Sound from other people teaches the word when it must not wake. Training works without it, too."
        )

    def primary(self) -> Button | None:
        """The download of the set to begin with, while there is none."""
        return next((line.get for line in self.lines.values() if line.get.kind == "primary"), None)

    def main_control(self) -> QWidget | None:
        """The first button that does something."""
        return self.primary() or self._add

    def entered(self, argument: str) -> None:
        """Look at the sets and the jobs that get them."""
        super().entered(argument)
        if self._session is not None:
            self._session.sets_changed.connect(self.look)

    def left(self) -> None:
        """Stop looking; what runs goes on."""
        if self._session is not None:
            self._session.sets_changed.disconnect(self.look)
        self.show_message(None)
        super().left()

    def add_folder(self, folder: Path) -> None:
        """Make a set of a folder of recordings."""
        if self._session is not None:
            self.show_message(None)
            title = self.tr("Listening to “{folder}”").format(folder=folder.name)
            self._session.start(
                Job(ADD, title, adding(folder, self._licence.text().strip()), lane=LANE, subject=str(folder))
            )

    def _make_adding(self) -> None:
        u = Theme.current().u
        self._adding = QWidget()
        line = QHBoxLayout(self._adding)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(u(3))
        self._adding_title, self._adding_bar, self._adding_said = Label(role="strong"), Progress(), Caption()
        self._adding_bar.setMaximumWidth(u(60))
        self._stop = Button(self.tr("Cancel"), icon="x", name=self.tr("Cancel listening to the folder"))
        self._stop.clicked.connect(self._cancel_adding)
        line.addWidget(self._adding_title)
        line.addWidget(self._adding_bar, 1)
        line.addWidget(self._adding_said, 1)
        line.addWidget(self._stop)
        self._adding.hide()
        self._add = Button(self.tr("Add a folder…"), icon="folder-plus")
        self._add.clicked.connect(self._choose_folder)
        body = self._cards[_OWN].body
        body.addWidget(self._adding)
        self._licence = LineEdit(placeholder=self.tr("such as “CC BY 4.0”, or empty where it is only for you"))
        self._licence.setMaximumWidth(u(110))
        self._asking = QWidget()
        column = field(self.tr("Under which licence are they?"), self._licence)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(Caption(self.tr("It goes with every model that is made with them."), wrap=True))
        column.addWidget(self._add, 0, Qt.AlignmentFlag.AlignLeft)
        self._asking.setLayout(column)
        body.addWidget(self._asking)

    def look(self) -> None:
        """Read which sets there are, and which of them the project uses."""
        if self._session is not None:
            self._session.ask(_look, self._show, self._show_unread, self.key)

    def _show_unread(self, error: StudioError) -> None:
        self._unread = self.show_error(error)

    def _show(self, seen: _Seen) -> None:
        self._seen = seen
        if self._unread is not None and self.message is self._unread:
            self.show_message(None)
        self._unread = None
        self.keep_lines({row.known.name for row in seen.sets.rows})
        for row in seen.sets.rows:
            if row.known.name not in self.lines:
                self.lines[row.known.name] = self._new_line(row)
        self._order_tabs(seen.sets.rows)
        for card in self._cards.values():
            card.show()
        free = self.tr("{size} are free on the disk where they lie.")
        self._free.setText(free.format(size=words.size(seen.sets.free_bytes)))
        self._show_lines()

    def _new_line(self, row: SetRow) -> SetLine:
        line = SetLine()
        self.connect_line(line)
        line.use_changed.connect(self._use)
        self._rows[_card_of(row)].addWidget(line)
        return line

    def _order_tabs(self, rows: Sequence[SetRow]) -> None:
        """Let the Tab key go from card to card, whatever was made first."""
        before: QWidget = self.back
        lines = [self.lines[row.known.name] for card in self._cards for row in rows if _card_of(row) == card]
        for control in (
            *(control for line in lines for control in line.controls()),
            self._stop,
            self._licence,
            self._add,
        ):
            QWidget.setTabOrder(before, control)
            before = control

    def _show_lines(self) -> None:
        """Show every set as it stands, the one to begin with as the page's main button."""
        if self._seen is None:
            return
        rows = self._seen.sets.rows
        nothing = not any(row.installed for row in rows) and not self.busy_jobs(GET)
        first = next((row.known.name for row in rows if row.known.purpose is Purpose.TRAIN), "") if nothing else ""
        for row in rows:
            name = row.known.name
            line = self.lines[name]
            line.row = row
            self.show_line(line, self.job_of(name))
            line.get.set_kind("primary" if name == first else "normal")
        self.follow()

    def follow(self) -> None:
        """Show how far the running jobs are."""
        self.follow_lines()
        folder = next(iter(self.busy_jobs(ADD)), None)
        self._adding.setVisible(folder is not None)
        self._asking.setVisible(folder is None)
        if folder is not None:
            self._adding_title.setText(folder.title)
            self._adding_bar.set_fraction(folder.fraction)
            self._adding_bar.setAccessibleName(job_words.spoken(folder))
            self._adding_said.setText(job_words.state_text(folder))

    def show_line(self, line: SetLine, job: Job | None) -> None:
        """Show a set as it stands."""
        if line.row is not None and self._seen is not None:
            used = line.name not in self._seen.choice.leave_out
            line.show_set(line.row, used=used, job=job, error=self.error_of(line.name))

    def get(self, name: str) -> None:
        """Download a set."""
        if self._session is None or self._seen is None or self.job_of(name) is not None:
            return
        known = next(row.known for row in self._seen.sets.rows if row.known.name == name)
        title = self.tr("Getting “{set}”").format(set=words.title(known))
        self._session.start(Job(GET, title, getting(name), plan=download_plan(known), lane=LANE, subject=name))

    def _cancel_adding(self) -> None:
        for job in self.busy_jobs(ADD):
            job.cancel()

    @staticmethod
    def remove_from_computer(name: str) -> None:
        """Delete a set."""
        from mww_studio.corpus.negatives import remove

        remove(name)

    def _use(self, name: str, used: bool) -> None:
        if self._session is None or self._seen is None:
            return
        known = next(row.known for row in self._seen.sets.rows if row.known.name == name)
        text = self.tr("Use “{set}”") if used else self.tr("Leave out “{set}”")
        names = [name]
        choice = changed(self._seen.choice, use=names if used else (), leave_out=() if used else names)
        try:
            self._session.choose_sets(choice, text.format(set=words.title(known)))
        except StudioError as error:
            self.show_error(error)
            self.look()

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Which folder holds the recordings?"), str(Path.home()))
        if chosen:
            self.add_folder(Path(chosen))

    def on_ended(self, job: Job) -> None:
        """Show what came of it."""
        if job.kind == ADD and job.error is not None:
            self.show_error(job.error)
        if job.kind in (GET, ADD):
            self.look()


def _card_of(row: SetRow) -> str:
    return _OWN if row.known.is_own else row.known.purpose


def _look(project: Project) -> _Seen:
    return _Seen(list_sets(), read_choice(project.folder))
