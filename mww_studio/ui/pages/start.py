"""Start: make a new wake word, or go on with one."""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QLocale, Qt, QTimer
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.errors import StudioError
from mww_studio.jobs.advice import MAX_ADVICE, Advice, advise
from mww_studio.project.records import MAX_NAME_CHARACTERS, MAX_WAKE_WORD_CHARACTERS
from mww_studio.services.studio import Studio
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.fields import Combo, LineEdit, field
from mww_studio.ui.kit.flow import FlowLayout
from mww_studio.ui.kit.rows import StatusRow
from mww_studio.ui.kit.text import Caption
from mww_studio.ui.kit.toast import announce
from mww_studio.ui.page import Page
from mww_studio.ui.pages.start_recent import RecentList
from mww_studio.ui.theme import Theme

ADVICE_MS = 250
NEW = "new"
_ADVICE_KEY = "start.advice"
_STACKED_BELOW_U = 190
_LANGUAGES = tuple(
    "ca cs da de el en es fi fr he hi hr hu id it ja ko nb nl pl pt ro ru sk sl sr sv tr uk vi zh".split()  # noqa: SIM905
)
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


class StartPage(Page):
    """A card for a new wake word, and a card with those that are there."""

    key: ClassVar[str] = "start"
    icon: ClassVar[str] = "house"

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(studio, parent)
        u = Theme.current().u
        self._parent_folder: Path | None = None
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(u(4))
        self._row.addWidget(self._new_card(), 7, Qt.AlignmentFlag.AlignTop)
        self._row.addWidget(self._recent_card(), 4, Qt.AlignmentFlag.AlignTop)
        self.content.addLayout(self._row)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(ADVICE_MS)
        self._timer.timeout.connect(self._ask_advice)
        self.phrase.textChanged.connect(self._on_typed)
        self.language.activated.connect(self._on_typed)
        QShortcut(QKeySequence("Ctrl+Shift+O"), self, self.open_other)
        studio.session_opened.connect(self._on_session)
        studio.session_closed.connect(self._refresh)
        studio.settings.changed.connect(self._on_setting)
        self._on_typed()

    def title(self) -> str:
        """The title."""
        return self.tr("Start")

    def sentence(self) -> str:
        """What it is about."""
        return self.tr("Make a wake word for your home and put it on an ESP32.")

    def primary(self) -> Button | None:
        """Make the new wake word; while none is typed, open the newest one."""
        filled = [self.make, *(row.button for row in self.recent.rows)]
        return next((button for button in filled if button.kind == "primary"), None)

    def main_control(self) -> QWidget | None:
        """The words."""
        return self.phrase

    def entered(self, argument: str) -> None:
        """Look at the projects anew. ``argument`` "new": somebody wants a new wake word."""
        self._refresh()
        if argument == NEW:
            self.phrase.clear()

    def set_compact(self, compact: bool) -> None:
        """Cards stand under each other where the window is very narrow."""
        narrow = compact and self.width() < Theme.current().u(_STACKED_BELOW_U)
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)

    @property
    def folder(self) -> Path:
        """Where the new project will be made: a folder of that name that is free."""
        base = self._parent_folder or self.studio.settings.data_folder
        name = folder_name(self.phrase.text())
        names = (name if number == 1 else f"{name} {number}" for number in range(1, 1000))
        return next(base / free for free in names if _is_free(base / free))

    def keep_in(self, folder: Path | None) -> None:
        """Make new projects in ``folder``, or again where the settings say."""
        self._parent_folder = folder
        self._show_folder()

    def open_folder(self, folder: Path) -> None:
        """Open a project, and go where it goes on."""
        self.show_message(None)
        try:
            session = self.studio.open_project(folder)
        except StudioError as error:
            self._complain(error)
            return
        step = session.next_step()
        self.navigate.emit(step.page, step.argument)

    def open_other(self) -> None:
        """Ask for the folder of a project."""
        start = str(self.studio.settings.data_folder)
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Open the folder of a wake word"), start)
        if chosen:
            self.open_folder(Path(chosen))

    # The cards ------------------------------------------------------------------------------------------------------

    def _new_card(self) -> Card:
        u = Theme.current().u
        card = Card(self.tr("New wake word"))
        body = card.body
        body.setSpacing(u(3))
        self.phrase = LineEdit(placeholder=self.tr("Hey Willow"))
        font = Theme.current().font("h2")
        font.setWeight(QFont.Weight.Normal)
        self.phrase.setFont(font)
        self.phrase.setMaxLength(MAX_WAKE_WORD_CHARACTERS)
        self.phrase.returnPressed.connect(self._on_return)
        body.addLayout(field(self.tr("Which &words should wake it?"), self.phrase))
        advice = QWidget()
        advice.setMinimumHeight(u(MAX_ADVICE * 7.5))  # so that the buttons stay while somebody types
        rows = QVBoxLayout(advice)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(u(1))
        self._advice = [StatusRow() for _ in range(MAX_ADVICE)]
        for row in self._advice:
            rows.addWidget(row)
        rows.addStretch(1)
        body.addWidget(advice)
        who = QHBoxLayout()
        who.setSpacing(u(3))
        self.language = Combo()
        for code, name in sorted(_language_names(), key=lambda entry: entry[1].casefold()):
            self.language.add(code, name)
        self.language.set_key(_usual_language(self.studio.settings.language))
        who.addLayout(field(self.tr("&Language"), self.language))
        self.author = LineEdit(self.studio.settings.author)
        self.author.setMaxLength(MAX_NAME_CHARACTERS)
        who.addLayout(field(self.tr("&Your name (goes into the file)"), self.author), 1)
        body.addLayout(who)
        kept = QHBoxLayout()
        self._where = Caption(wrap=True)
        kept.addWidget(self._where, 1)
        other = Button(self.tr("Another folder…"), "quiet", "folder-open")
        other.setAccessibleName(self.tr("Keep it in another folder"))
        other.clicked.connect(self._choose_folder)
        kept.addWidget(other)
        body.addLayout(kept)
        buttons = FlowLayout(gap=2)
        self.make = Button(self.tr("Make it and start recording"), "primary", "arrow-right", big=True)
        self.make.clicked.connect(self._make)
        self.try_it = Button(self.tr("Try without recording"), big=True)
        self.try_it.clicked.connect(self._try)
        buttons.addWidget(self.make)
        buttons.addWidget(self.try_it)
        body.addLayout(buttons)
        self._hint = Caption(wrap=True)
        body.addWidget(self._hint)
        return card

    def _recent_card(self) -> Card:
        card = Card(self.tr("Go on with"))
        self.recent = RecentList(self.studio)
        self.recent.opened.connect(self.open_folder)
        self.recent.seen.connect(self._show_primary)
        card.body.addWidget(self.recent)
        other = Button(self.tr("Open another folder…"), "quiet", "folder-open")
        other.setToolTip(self.tr("Open another folder (Ctrl+Shift+O)"))
        other.clicked.connect(self.open_other)
        card.body.addWidget(other, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    # What is typed --------------------------------------------------------------------------------------------------

    def _on_typed(self) -> None:
        typed = bool(self.phrase.text().strip())
        self._allow("" if typed else self.tr("Type the words first."))
        self._show_primary()
        self._show_folder()
        if typed:
            self._timer.start()
        else:
            self._timer.stop()
            self.studio.background.drop(_ADVICE_KEY)
            hint = self.tr("Two to four syllables work best, and words that nobody says all day.")
            self._show_advice([Advice("info", hint)], aloud=False)

    def _ask_advice(self) -> None:
        work = partial(advise, self.phrase.text(), self.language.key)
        self.studio.background.run(work, self._on_advice, self._on_advice_trouble, _ADVICE_KEY)

    def _on_advice(self, advice: Sequence[Advice]) -> None:
        if self.phrase.text().strip():
            self._show_advice(advice, aloud=True)

    def _on_advice_trouble(self, error: StudioError) -> None:
        self._show_advice([Advice("info", str(error))], aloud=False)

    def _show_advice(self, advice: Sequence[Advice], *, aloud: bool) -> None:
        for number, row in enumerate(self._advice):
            row.setVisible(number < len(advice))
            if number < len(advice):
                row.set(advice[number].level, advice[number].text)
        bad = next((one.text for one in advice if one.level == "bad"), "")
        if bad:
            self._allow(bad)
        if aloud and self.isVisible():
            announce(self, " ".join(one.text for one in advice))

    def _allow(self, reason: str) -> None:
        """Let the wake word be made, or say why it cannot."""
        self.make.set_reason(reason)
        self.try_it.set_reason(reason)
        usual = self.tr("Without recording, computer voices say it. That works less well; you can record later.")
        self._hint.setText(reason or usual)

    def _show_primary(self) -> None:
        """One filled button: to make what is typed, or to go on with the newest where nothing is."""
        newest = next((row for row in self.recent.rows if not row.is_broken), None)
        typed = bool(self.phrase.text().strip()) or newest is None
        self.make.set_kind("primary" if typed else "normal")
        for row in self.recent.rows:
            row.button.set_kind("primary" if row is newest and not typed else "normal")

    def _show_folder(self) -> None:
        if not self.phrase.text().strip():
            base = self._parent_folder or self.studio.settings.data_folder
            self._where.setText(self.tr("It will be kept in {folder}.").format(folder=base))
        elif self.folder.name == folder_name(self.phrase.text()):
            self._where.setText(self.tr("It will be kept in {folder}.").format(folder=self.folder))
        else:
            text = self.tr("There is one of this name already. The new one will be kept in {folder}.")
            self._where.setText(text.format(folder=self.folder))

    # What is done ---------------------------------------------------------------------------------------------------

    def _on_return(self) -> None:
        if self.make.isEnabled():
            self._make()

    def _make(self) -> None:
        self.show_message(None)
        try:
            self.studio.create_project(self.folder, self.phrase.text(), self.language.key, self.author.text())
        except StudioError as error:
            self._complain(error)
            return
        self._made()
        self.navigate.emit("record", "")

    def _try(self) -> None:
        self.show_message(None)
        try:
            self.studio.try_without_recording(self.phrase.text(), self.language.key, self.folder, self.author.text())
        except StudioError as error:
            self._complain(error)
            return
        self._made()
        self.navigate.emit("train", "")

    def _made(self) -> None:
        self.studio.settings.author = self.author.text().strip()
        self.phrase.clear()
        self._parent_folder = None

    def _choose_folder(self) -> None:
        start = str(self._parent_folder or self.studio.settings.data_folder)
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Keep the new wake word in"), start)
        if chosen:
            self.keep_in(Path(chosen))

    def _complain(self, error: StudioError) -> None:
        self.show_error(error, "warn")

    def _refresh(self) -> None:
        self.recent.refresh()
        self._show_primary()
        self._show_folder()

    def _on_session(self, _session: object) -> None:
        self._refresh()

    def _on_setting(self, name: str) -> None:
        if name == "data_folder":
            self._show_folder()


def folder_name(phrase: str) -> str:
    """The phrase as the name of a folder on every system."""
    name = _UNSAFE.sub(" ", " ".join(phrase.split())).strip(" .")
    return f"{name}_" if not name or _RESERVED.fullmatch(name) else name


def _is_free(folder: Path) -> bool:
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))


def _usual_language(chosen: str) -> str:
    code = (chosen or QLocale.system().name()).replace("_", "-").split("-")[0]
    return code if code in _LANGUAGES else "en"


def _language_names() -> list[tuple[str, str]]:
    """Codes and names; in Latin letters, since not every system has the letters of every language."""
    return [(code, QLocale.languageToString(QLocale(code).language())) for code in _LANGUAGES]
