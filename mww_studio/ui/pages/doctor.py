"""Check a YAML of yours: what keeps the wake word from working, what would change, and mending with a way back."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from mww_studio.errors import StudioError
from mww_studio.esphome.doctor.findings import Finding
from mww_studio.jobs.doctor import Backup, Checkup, Mended, check_up, put_back
from mww_studio.services.doctor_works import DOCTOR, mending
from mww_studio.services.job_thread import JobState
from mww_studio.services.jobs import Job
from mww_studio.ui.errors import describe
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.empty import EmptyState
from mww_studio.ui.kit.flow import FlowLayout
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.kit.rows import StatusRow
from mww_studio.ui.kit.text import Label
from mww_studio.ui.pages import doctor_words as words
from mww_studio.ui.pages.deploy_details import CodeView
from mww_studio.ui.pages.doctor_findings import DiffView, FindingsCard
from mww_studio.ui.room import OpenRoom
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.services.job_thread import Outcome
    from mww_studio.services.studio import Studio

_EMPTY, _LOOKING, _WELL, _REFUSED, _FOUND = "empty", "looking", "well", "refused", "found"


class DoctorPage(OpenRoom):
    """Looks a person's own configuration through; nothing is changed before they say so."""

    key: ClassVar[str] = "doctor"
    icon: ClassVar[str] = "stethoscope"
    under: ClassVar[str] = "deploy"
    tabs_as_read: ClassVar[bool] = True
    fills: ClassVar[bool] = True

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        self._mode = _EMPTY
        super().__init__(studio, parent)
        self._file = Path()
        self._checkup: Checkup | None = None
        self._backups: tuple[Backup, ...] = ()
        self._job: Job | None = None
        self._refused = False
        self._other = Button(self.tr("Choose another file…"), "quiet", "folder")
        self._other.clicked.connect(self.choose)
        self.actions.insertWidget(0, self._other)
        self._make_views()
        self._show(_EMPTY)

    def title(self) -> str:
        """Check a YAML of yours."""
        return self.tr("Check a YAML of yours")

    def sentence(self) -> str:
        """What is looked at."""
        if self._mode in (_EMPTY, _LOOKING):
            return self.tr("Find what keeps the wake word from working in a configuration that you wrote for ESPHome.")
        return self.tr("What was found in {file}. Nothing is changed before you say so.").format(file=self._file.name)

    def primary(self) -> Button | None:
        """Choose a file, mend it, or put it on a device."""
        buttons = {_EMPTY: self.choose_button, _WELL: self.to_device, _FOUND: self.mend_button}
        button = buttons.get(self._mode)
        return button if button is not None and button.isVisible() and button.isEnabled() else None

    def main_control(self) -> QWidget | None:
        """The button that goes on."""
        return self.primary() or self._other

    def entered(self, argument: str) -> None:
        """Look at a file. ``argument``: its path."""
        super().entered(argument)
        self.to_device.setVisible(self.studio.session is not None)
        if argument:
            self.look_at(Path(argument))
        elif self._mode in (_WELL, _REFUSED, _FOUND) and self._job is None:
            self._look()

    def left(self) -> None:
        """Nobody waits for what is being looked at."""
        self.studio.background.drop(DOCTOR)
        self._set_busy("")
        if self._mode == _LOOKING:
            self._show(_EMPTY)

    def look_at(self, file: Path) -> None:
        """Look another file through."""
        self._file, self._backups = file, ()
        self.show_message(None)
        self._forget_esphome()
        self._show(_LOOKING)
        self._look()

    def choose(self) -> None:
        """Let the person choose a file."""
        folder = str(self._file.parent if self._file.name else Path.home())
        title, kinds = self.tr("Which configuration should be checked?"), self.tr("Configurations (*.yaml *.yml)")
        chosen, _ = QFileDialog.getOpenFileName(self, title, folder, kinds)
        if chosen:
            self.look_at(Path(chosen))

    # How it is made ---------------------------------------------------------------------------------------------

    def _make_views(self) -> None:
        u = Theme.current().u
        self.empty = EmptyState(
            "stethoscope",
            self.tr("Which configuration should be checked?"),
            self.tr("Drop the YAML file that you give to ESPHome here, or choose it. It is only read."),
        )
        self.choose_button = self.empty.add_button(self.tr("Choose a YAML file…"), self.choose, icon="folder")
        self.well = EmptyState("circle-check", " ")
        self.to_device = self.well.add_button(self.tr("Put it on the device"), self._put, icon="cable")
        self.well.add_button(self.tr("Check it again"), self._look_again, "normal", "refresh-cw")
        looking = Card()
        self._looking = StatusRow()
        looking.body.addWidget(self._looking)
        self.found = QWidget()
        column = QVBoxLayout(self.found)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(u(4))
        column.addWidget(self._make_verdict())
        self.findings = FindingsCard()
        self.findings.wanted.connect(self._mend_only)
        column.addWidget(self.findings)
        self._diffs = QVBoxLayout()
        self._diffs.setSpacing(u(4))
        column.addLayout(self._diffs)
        self.diffs: list[DiffView] = []
        self._esphome = CodeView(self.tr("What ESPHome says"), self.tr("Copy"))
        self._esphome.hide()
        self._views: dict[str, QWidget] = {
            _EMPTY: self.empty,
            _LOOKING: looking,
            _WELL: self.well,
            _FOUND: self.found,
        }
        for view in self._views.values():
            self.content.addWidget(view, int(isinstance(view, EmptyState)))
        self.content.addWidget(self._esphome)
        self.content.addStretch(0)

    def _make_verdict(self) -> Card:
        card = Card()
        self.verdict = Label(" ", "verdict", wrap=True)
        self._follows = Label(" ", colour="text2", wrap=True)
        card.body.addWidget(self.verdict)
        card.body.addWidget(self._follows)
        buttons = FlowLayout()
        self.mend_button = Button(self.tr("Mend it"), "primary", "wand-sparkles", big=True)
        self.mend_button.clicked.connect(self._mend_all)
        self._again = Button(self.tr("Check again"), "quiet", "refresh-cw")
        self._again.clicked.connect(self._look_again)
        buttons.addWidget(self.mend_button)
        buttons.addWidget(self._again)
        card.body.addSpacing(Theme.current().u(2))
        card.body.addLayout(buttons)
        return card

    def _show(self, mode: str) -> None:
        self._mode = mode
        for name, view in self._views.items():
            view.setVisible(name == mode)
        self._other.setVisible(mode != _EMPTY)
        self.update_head()

    # Looking ----------------------------------------------------------------------------------------------------

    def _look_again(self) -> None:
        self.show_message(None)
        self._backups = ()
        self._forget_esphome()
        self._look()

    def _look(self) -> None:
        text = self.tr("{file} is being checked…").format(file=self._file.name)
        self._looking.set("none", text)
        self._set_busy(text)
        self.studio.background.run(partial(check_up, self._file), self._show_checkup, self._fail, DOCTOR)

    def _show_checkup(self, checkup: Checkup) -> None:
        self._checkup = checkup
        self._set_busy("")
        if not checkup.findings:
            text = self.tr("{file} was looked through: nothing stands in the way of the wake word.")
            if not checkup.diagnosis.complete:
                text = self.tr("Nothing was found in {file}. Parts of it come from elsewhere and were not looked at.")
            self.well.set(words.verdict(checkup), text.format(file=self._file.name))
            self._show(_REFUSED if self._refused else _WELL)
            return
        self.verdict.setText(words.verdict(checkup))
        follows = words.what_follows(checkup)
        if not checkup.diagnosis.complete:
            follows = self.tr("{text} Parts of it come from elsewhere and were not looked at.").format(text=follows)
        self._follows.setText(follows)
        self.mend_button.setVisible(bool(checkup.plan.changes))
        self.findings.set_findings(checkup.findings)
        self._show_diffs(checkup)
        self._show(_FOUND)

    def _show_diffs(self, checkup: Checkup) -> None:
        for view in self.diffs:
            view.hide()
            self._diffs.removeWidget(view)
            view.deleteLater()
        self.diffs = []
        for diff in checkup.diffs:
            view = DiffView()
            view.set_diff(diff)
            self._diffs.addWidget(view)
            self.diffs.append(view)

    def _fail(self, error: StudioError) -> None:
        said = describe(error)
        message = Message("bad", said.title, said.text, said.code)
        if self._file.name:
            message.add_button(self.tr("Check it again"), self._look_again)
        self.show_message(message)
        self._checkup = None
        self._set_busy("")
        self._show(_EMPTY)

    # Mending ----------------------------------------------------------------------------------------------------

    def _mend_all(self) -> None:
        self._mend(None)

    def _mend_only(self, finding: Finding) -> None:
        self._mend([finding])

    def _mend(self, chosen: list[Finding] | None) -> None:
        if self._checkup is None or self._job is not None:
            return
        self.show_message(None)
        self._forget_esphome()
        title = self.tr("Mending {file}").format(file=self._file.name)
        job = Job(DOCTOR, title, mending(self._checkup, chosen), lane=DOCTOR)
        job.ended.connect(self._on_mended)
        try:
            self._job = self.studio.jobs.add(job)
        except StudioError as error:  # the window is closing
            self._refuse(error)
            return
        self._set_busy(self.tr("It is being mended, then ESPHome looks at it. This takes some seconds."))

    def _set_busy(self, doing: str) -> None:
        """Say what is being done, with nothing else to begin meanwhile; empty: all can be used."""
        for button in (self.mend_button, self._again, self._other):
            button.setEnabled(not doing)
        self.findings.set_usable(not doing)
        if doing:
            self._follows.setText(doing)

    def _on_mended(self, outcome: Outcome) -> None:
        self._job = None
        if outcome.error is not None:
            said = describe(outcome.error)
            message = Message("bad", said.title, said.text, said.code)
            message.add_button(self.tr("Check it again"), self._look_again)
            self.show_message(message)
        elif outcome.state is JobState.DONE and isinstance(outcome.result, Mended):
            self._tell(outcome.result)
        self._look()

    def _tell(self, result: Mended) -> None:
        self._backups = result.backups
        state, title, text = words.mended(result, self._file)
        message = Message(state, title, text)
        message.add_button(self.tr("Undo"), self._undo, icon="undo-2")
        self.show_message(message)
        self._refused = bool(result.esphome) and not result.online
        if self._refused:
            message.add_button(self.tr("Check it again"), self._look_again)
        self._esphome.set_text(result.esphome or "")
        self._esphome.setVisible(bool(result.esphome))

    def _forget_esphome(self) -> None:
        """What it said was about the file as it was then."""
        self._refused = False
        self._esphome.hide()

    def _put(self) -> None:
        self.navigate.emit("flash", str(self._file))

    def _undo(self) -> None:
        backups, self._backups = self._backups, ()
        self._forget_esphome()
        self.studio.background.run(partial(put_back, backups), self._undone, self._refuse)

    def _undone(self, _nothing: None) -> None:
        title = self.tr("{file} is as it was").format(file=self._file.name)
        self.show_message(Message("ok", title, self.tr("The copy beside it stays there.")))
        self._look()

    def _refuse(self, error: StudioError) -> None:
        said = describe(error)
        self.show_message(Message("bad", said.title, said.text, said.code))
