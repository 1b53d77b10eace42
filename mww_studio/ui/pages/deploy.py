"""Deploy: the file is held against every rule, ESPHome judges the configuration, and both are saved for a board."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from mww_studio.errors import StudioError
from mww_studio.export.bundle import Bundle
from mww_studio.export.words import DeviceOrder
from mww_studio.jobs.device_words import known_words
from mww_studio.jobs.inspection import Inspection, deliverable_run, inspect_run
from mww_studio.jobs.negatives_used import named
from mww_studio.jobs.verdict import VerdictCode
from mww_studio.project.store import Project
from mww_studio.ui.errors import describe
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.columns import Columns
from mww_studio.ui.kit.empty import EmptyState
from mww_studio.ui.kit.flow import FlowLayout
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.kit.rows import StatusRow
from mww_studio.ui.page import Page
from mww_studio.ui.pages.deploy_details import CodeView, RuleView
from mww_studio.ui.pages.deploy_device import DeviceCard
from mww_studio.ui.pages.deploy_saved import SavedCard
from mww_studio.ui.rooms_button import RoomsButton
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.services.job_thread import Outcome
    from mww_studio.services.session import Session
    from mww_studio.services.studio import Studio

_BESIDE_FROM_U = 170
_ASKED, _WORDS = "deploy", "words"
_FLASH = "flash"


class DeployPage(Page):
    """Which device, whether everything is right, the files, and what to do with them."""

    key: ClassVar[str] = "deploy"
    icon: ClassVar[str] = "cpu"
    tabs_as_read: ClassVar[bool] = True
    fills: ClassVar[bool] = True

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(studio, parent)
        u = Theme.current().u
        self._session: Session | None = None
        self._found: Inspection | None = None
        self._folder: Path | None = None
        self._opened: Card | None = None
        self.actions.addWidget(RoomsButton(self, text=self.tr("More from here"), icon="cpu"))
        self._empty = EmptyState(
            "cpu",
            self.tr("There is no file for a device yet"),
            self.tr("Train the wake word once. Then this page writes what ESPHome needs."),
        )
        self._to_train = self._empty.add_button(self.tr("Go to Train"), self._go_to_train, icon="brain")
        self.content.addWidget(self._empty, 1)
        self._all = QWidget()
        column = QVBoxLayout(self._all)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(u(4))
        pair = Columns(from_u=_BESIDE_FROM_U)
        self.device = DeviceCard()
        self.device.changed.connect(self._look)
        pair.add(self.device, hugs=True)
        pair.add(self._make_checks(), hugs=True)
        column.addWidget(pair)
        self._saved = SavedCard()
        self._saved.put_asked.connect(self._on_put)
        self._rules = RuleView()
        self._yaml = CodeView(self.tr("Configuration for ESPHome"))
        for card in (self._saved, self._rules, self._yaml):
            card.hide()
            column.addWidget(card)
        self.content.addWidget(self._all)
        self.content.addStretch(0)

    def title(self) -> str:
        """Deploy."""
        return self.tr("Deploy")

    def sentence(self) -> str:
        """What it is for."""
        return self.tr("Write the files with which ESPHome puts the wake word on your device.")

    def primary(self) -> Button | None:
        """Save the files, unless a check stands in the way, then put them on; or the way to a first file."""
        if self._to_train.isVisible():
            return self._to_train
        if self._saved.put.isVisible():
            return self._saved.put
        return self._save if self._save.isVisible() and self._save.isEnabled() else None

    @property
    def inspected(self) -> bool:
        """Whether what is asked for was checked."""
        return self._found is not None

    def main_control(self) -> QWidget | None:
        """The chosen board."""
        return self.device.board

    def entered(self, argument: str) -> None:
        """Look at the newest run."""
        del argument
        self._session = self.studio.session
        if self._session is not None:
            self._session.runs_changed.connect(self._look)
            self._show_project(self._session)
        self._look()

    def left(self) -> None:
        """Stop looking."""
        if self._session is not None:
            self._session.runs_changed.disconnect(self._look)
            self._session = None
        self.studio.background.drop(_ASKED)
        self.studio.background.drop(_WORDS)

    def save_to(self, out: Path) -> None:
        """Write the files into a folder."""
        if self._session is None or self._found is None:
            return
        self._save.set_reason(self.tr("The files are being written."))
        self._session.export(self._found.run.id, out, self._found.order).ended.connect(self._on_saved)

    def _show_project(self, session: Session) -> None:
        """Name the word, and look which other words could live on the same device."""
        if session.folder != self._folder:
            self._folder = session.folder
            self.device.forget()
        self.device.set_word(session.info.wake_word)
        others = [each.folder for each in self.studio.settings.recent if each.folder != session.folder]
        self.studio.background.run(partial(known_words, others), self.device.offer, self._fail, _WORDS)

    def _make_checks(self) -> Card:
        card = Card(self.tr("Is everything right?"))
        self._law, self._esphome, self._mind, self._measured, self._licences = (StatusRow() for _ in range(5))
        for row in (self._law, self._esphome, self._mind, self._measured, self._licences):
            card.body.addWidget(row)
        card.body.addSpacing(Theme.current().u(2))
        buttons = FlowLayout()
        self._save = Button(self.tr("Save the files"), "primary", "save", big=True)
        self._save.clicked.connect(self._on_save)
        elsewhere = Button(self.tr("Save in another folder…"), "quiet", "folder")
        elsewhere.clicked.connect(self._on_elsewhere)
        buttons.addWidget(self._save)
        buttons.addWidget(elsewhere)
        card.body.addLayout(buttons)
        card.body.addWidget(self._save.reason_label())
        return card

    def _look(self) -> None:
        """Judge the newest finished run anew."""
        session = self._session
        run = deliverable_run(session.project) if session is not None else None
        self._empty.setVisible(run is None)
        self._all.setVisible(run is not None)
        self.show_message(None)
        self._found = None
        if session is None or run is None:
            return
        for card in (self._saved, self._rules, self._yaml):
            card.hide()
        self._save.set_kind("primary")
        self._law.remove_button()
        self._esphome.remove_button()
        for row in (self._mind, self._measured, self._licences):
            row.hide()
        self._law.set("none", self.tr("The file is being checked…"))
        self._esphome.set("none", self.tr("ESPHome is reading the configuration…"))
        self._save.set_reason(self.tr("The checks take a few seconds."))
        session.ask(partial(_inspect, run.id, self.device.order), self._show, self._fail, _ASKED)

    def _show(self, found: Inspection) -> None:
        self._found = found
        self._show_law(found)
        self._show_esphome(found)
        self._mind.set("info", self.tr("Good to know"), " ".join(found.remarks))
        self._mind.setVisible(bool(found.remarks))
        self._show_measured(found)
        self._show_licences(found)
        self._rules.set_verdicts(found.verdicts)
        self._yaml.set_text(found.configuration, self.tr("It is saved as {file}.").format(file=found.name))
        self._save.set_reason(self.tr("Nothing is saved that a device cannot run.") if found.refusal else "")

    def _show_law(self, found: Inspection) -> None:
        if found.kept == len(found.verdicts):
            state, said = "ok", self.tr("The file is right: {kept} of {all} rules kept")
        else:
            state, said = "bad", self.tr("The file is not right: {kept} of {all} rules kept")
        self._law.set(state, said.format(kept=found.kept, all=len(found.verdicts)))
        self._law.set_button(self.tr("Show"), self._toggle_rules, "quiet", name=self.tr("Show every rule"))

    def _show_esphome(self, found: Inspection) -> None:
        if found.refusal is None:
            self._esphome.set("ok", self.tr("ESPHome accepts the configuration"))
            self._esphome.set_button(
                self.tr("Show"), self._toggle_yaml, "quiet", name=self.tr("Show the configuration")
            )
        else:
            said = describe(found.refusal)
            self._esphome.set("bad", said.title, said.text)

    def _show_measured(self, found: Inspection) -> None:
        measured = found.measured
        if measured.code is VerdictCode.READY:
            self._measured.set("ok", measured.title)
            self._measured.remove_button()
        else:
            self._measured.set(
                "warn", measured.title, self.tr("{why} You may still save the files.").format(why=measured.text)
            )
            self._measured.set_button(self.tr("Results"), self._go_to_results, "quiet")
        self._measured.show()

    def _show_licences(self, found: Inspection) -> None:
        """What else it learned from, and whether that forbids anything."""
        bound = [each for each in found.sound_sets if each.non_commercial]
        if bound:
            self._licences.set(
                "warn",
                self.tr("You may not sell this wake word"),
                self.tr("It was made with sound that may not be used commercially: {sets}.").format(sets=named(bound)),
            )
        elif found.sound_sets:
            self._licences.set("ok", self.tr("It was also made with {sets}").format(sets=named(found.sound_sets)))
        self._licences.setVisible(bool(found.sound_sets))

    def _fail(self, error: StudioError) -> None:
        said = describe(error)
        self._law.set("none", self.tr("The file was not checked"))
        self._esphome.set("none", self.tr("ESPHome was not asked"))
        message = Message("bad", said.title, said.text, said.code)
        message.add_button(self.tr("Try again"), self._look)
        self.show_message(message)
        self._save.set_reason(said.title)

    def _on_save(self) -> None:
        if self._session is not None and self._found is not None:
            self.save_to(self._session.folder / "exports" / self._found.order.board)

    def _on_elsewhere(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Where should the files go?"), str(Path.home()))
        if chosen:
            self.save_to(Path(chosen))

    def _on_saved(self, outcome: Outcome) -> None:
        if self._session is None or self._found is None:
            return
        self._save.set_reason("")
        if outcome.error is not None:
            said = describe(outcome.error)
            message = Message("bad", said.title, said.text, said.code)
            message.add_button(self.tr("Choose another folder…"), self._on_elsewhere)
            self.show_message(message)
        elif isinstance(outcome.result, Bundle):
            self.show_message(None)
            self._saved.set_bundle(outcome.result, self._session.info.wake_word)
            self._saved.show()
            self._save.set_kind("normal")
            QTimer.singleShot(0, self._show_saved)

    def _show_saved(self) -> None:
        self._scroll.ensureWidgetVisible(self._saved)
        self._saved.put.setFocus()

    def _toggle_rules(self) -> None:
        self._toggle(self._rules, self._law, self.tr("Show every rule"), self.tr("Hide the rules"))

    def _toggle_yaml(self) -> None:
        shown, hidden = self.tr("Show the configuration"), self.tr("Hide the configuration")
        self._toggle(self._yaml, self._esphome, shown, hidden)

    def _toggle(self, card: Card, row: StatusRow, show: str, hide: str) -> None:
        """Show what stands behind a row, where it can be seen, or hide it again; the words name the row's button."""
        card.setVisible(card.isHidden())
        if row.button is not None:
            row.button.setText(self.tr("Show") if card.isHidden() else self.tr("Hide"))
            row.button.setAccessibleName(show if card.isHidden() else hide)
        if not card.isHidden():
            self._opened = card
            QTimer.singleShot(0, self._scroll_to_opened)

    def _scroll_to_opened(self) -> None:
        if self._opened is not None:
            self._scroll.ensureWidgetVisible(self._opened)

    def _on_put(self, configuration: Path) -> None:
        self.navigate.emit(_FLASH, str(configuration))

    def _go_to_train(self) -> None:
        self.navigate.emit("train", "")

    def _go_to_results(self) -> None:
        self.navigate.emit("results", "")


def _inspect(run_id: str, order: DeviceOrder, project: Project) -> Inspection:
    run = next(run for run in project.runs() if run.id == run_id)
    return inspect_run(project, run, order)
