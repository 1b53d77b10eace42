"""The wake words that were open not long ago: what each is, what comes next in it, or why it cannot be opened."""

from datetime import date, datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QDate, QLocale, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.project.library import LIBRARY
from mww_studio.services.settings import RecentProject
from mww_studio.services.studio import Glance, Studio, glance
from mww_studio.ui.errors import describe
from mww_studio.ui.icons import STATES, Icon, state_colour
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.theme import Theme


class RecentRow(QWidget):
    """One wake word with its button. ``folder`` is what it is known by."""

    opened = Signal(object)
    forgotten = Signal(object)

    def __init__(self, project: RecentProject, *, is_open: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self.folder = project.folder
        self._word, self._is_open = project.wake_word, is_open
        self.is_broken = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, u(0.5), 0, u(0.5))
        row.setSpacing(u(3))
        self._icon = Icon("mic", "text2", u(5.5))
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(u(0.5))
        texts.addWidget(Label(project.wake_word, "strong", wrap=True))
        self._line = Caption(_changed(project.folder), wrap=True)
        texts.addWidget(self._line)
        self._below = QHBoxLayout()
        self._below.setSpacing(u(2))
        texts.addLayout(self._below)
        row.addLayout(texts, 1)
        name = self.tr("Open {word}").format(word=project.wake_word)
        self.button = Button(self.tr("Go on") if is_open else self.tr("Open"), name=name)
        self.button.setToolTip(str(project.folder))
        self.button.clicked.connect(self._open)
        self.forget = Button(self.tr("Forget"), "quiet")
        self.forget.setAccessibleName(self.tr("Forget {word}; its folder stays").format(word=project.wake_word))
        self.forget.setToolTip(self.tr("Takes it off this list; the folder stays."))
        self.forget.clicked.connect(self._forget)
        self.forget.hide()
        self._below.addWidget(self.forget)
        self._below.addStretch(1)
        self._row = row
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)

    def show_glance(self, seen: Glance) -> None:
        """Show what was found in it."""
        if seen.error is not None:
            said = describe(seen.error)
            text = self.tr("Could not open. {what}. {text}").format(what=said.title, text=said.text)
            self._line.setText(text.strip())
            self._icon.set_icon(STATES["warn"], state_colour("warn"))
            self.is_broken = True
            self.forget.show()
            self.button.setText(self.tr("Try again"))
            self._row.removeWidget(self.button)
            self._below.insertWidget(0, self.button)  # the reason needs the width
        elif seen.next_step is not None:
            text = self.tr("{changed} · next: {step}")
            self._line.setText(text.format(changed=_changed(self.folder), step=seen.next_step.text))

    def _open(self) -> None:
        self.opened.emit(self.folder)

    def _forget(self) -> None:
        self.forgotten.emit(self.folder)


class RecentList(QWidget):
    """The rows, the newest first; what stands in each is found out in the background."""

    opened = Signal(object)
    seen = Signal()

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.rows: list[RecentRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Theme.current().u(2))
        self._empty = Label(self.tr("Your wake words will stand here."), colour="text2", wrap=True)
        self._column.addWidget(self._empty)

    def refresh(self) -> None:
        """Look at them anew."""
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.setParent(None)
            row.deleteLater()
        session = self._studio.session
        here = session.folder.resolve() if session is not None else None
        self.rows = []
        for project in self._studio.settings.recent:
            row = RecentRow(project, is_open=project.folder == here)
            row.opened.connect(self.opened)
            row.forgotten.connect(self._forget)
            self._column.addWidget(row)
            self.rows.append(row)
            self._studio.background.run(partial(glance, project.folder), self._show, key=f"glance {project.folder}")
        self._empty.setVisible(not self.rows)

    def _show(self, seen: Glance) -> None:
        for row in self.rows:
            if row.folder == seen.folder:
                row.show_glance(seen)
        self.seen.emit()

    def _forget(self, folder: Path) -> None:
        self._studio.settings.forget(folder)
        self.refresh()


def _changed(folder: Path) -> str:
    """When a project was changed: "Changed today"."""
    translate = QCoreApplication.translate
    try:
        day = datetime.fromtimestamp((folder / LIBRARY).stat().st_mtime).astimezone().date()
    except OSError:
        return ""
    days = (date.today() - day).days  # noqa: DTZ011 - the person's own days
    if days <= 0:
        return translate("RecentRow", "Changed today")
    if days == 1:
        return translate("RecentRow", "Changed yesterday")
    text = QLocale().toString(QDate(day.year, day.month, day.day), QLocale.FormatType.ShortFormat)
    return translate("RecentRow", "Changed on {day}").format(day=text)
