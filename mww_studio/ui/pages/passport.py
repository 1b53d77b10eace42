"""What a model can do: where any file runs and why, what it is made of and takes, beside the project's own."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtWidgets import QFileDialog, QWidget

from mww_studio.errors import StudioError
from mww_studio.evaluation.passport import Passport
from mww_studio.jobs.inspection import deliverable_run
from mww_studio.jobs.passport import make_passport, save_passport
from mww_studio.jobs.results import delivered_manifest
from mww_studio.project.store import Project
from mww_studio.ui.errors import describe
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.empty import EmptyState
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.kit.rows import StatusRow
from mww_studio.ui.pages.passport_view import PassportView
from mww_studio.ui.room import OpenRoom

if TYPE_CHECKING:
    from mww_studio.services.session import Session
    from mww_studio.services.studio import Studio

_ASKED, _OWN, _SAVED = "passport", "passport own", "passport saved"
_EMPTY, _LOOKING, _SEEN = "empty", "looking", "seen"


class PassportPage(OpenRoom):
    """Looks at any .tflite, manifest or export; with a project open it stands beside the project's own."""

    key: ClassVar[str] = "passport"
    icon: ClassVar[str] = "file-check"
    under: ClassVar[str] = "deploy"
    tabs_as_read: ClassVar[bool] = True
    fills: ClassVar[bool] = True

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        self._mode = _EMPTY
        super().__init__(studio, parent)
        self._session: Session | None = None
        self._file = Path()
        self._passport: Passport | None = None
        self._own: Passport | None = None
        self._own_file: Path | None = None
        self._other = Button(self.tr("Choose another file…"), "quiet", "folder")
        self._other.clicked.connect(self.choose)
        self.actions.insertWidget(0, self._other)
        self._empty = EmptyState(
            "file-check",
            self.tr("Which file should be looked at?"),
            self.tr("Drop a .tflite, or the .json beside it, on this window, or choose one."),
        )
        self._choose = self._empty.add_button(self.tr("Choose a file…"), self.choose, icon="folder")
        self._look_at_own = self._empty.add_button(
            self.tr("Look at your own wake word"), self._show_own, "normal", "cpu"
        )
        self._working = Card()
        self._said = StatusRow()
        self._working.body.addWidget(self._said)
        self.view = PassportView()
        self._save = self.view.verdict.add_button(self.tr("Save as a file…"), self.save, icon="save")
        self._views: dict[str, QWidget] = {_EMPTY: self._empty, _LOOKING: self._working, _SEEN: self.view}
        for name, view in self._views.items():
            self.content.addWidget(view, 1 if name == _EMPTY else 0)
        self.content.addStretch(0)
        self._show(_EMPTY)

    def title(self) -> str:
        """What a model can do."""
        return self.tr("What a model can do")

    def sentence(self) -> str:
        """What it is for."""
        return self.tr("Look at any wake word, yours or somebody else's: where it runs, and what it takes.")

    def primary(self) -> Button | None:
        """Choose a first file."""
        return self._choose if self._mode == _EMPTY else None

    def main_control(self) -> QWidget | None:
        """The button that chooses a file."""
        return self.primary() or self._other

    def entered(self, argument: str) -> None:
        """Look at a file. ``argument``: its path."""
        super().entered(argument)
        self._session = self.studio.session
        self._own = self._own_file = None
        self._look_at_own.setVisible(False)
        if self._session is not None:
            self._session.ask(_own_manifest, self._take_own, self._ignore, _OWN)
        if argument:
            self.look_at(Path(argument))

    def left(self) -> None:
        """Nobody waits for what is being looked at."""
        self._session = None
        for key in (_ASKED, _OWN):
            self.studio.background.drop(key)
        if self._mode == _LOOKING:
            self._show(_EMPTY)
        self.show_message(None)

    def look_at(self, file: Path) -> None:
        """Make the passport of a file."""
        self._file = file
        self.show_message(None)
        self._said.set("none", self.tr("{file} is being looked at…").format(file=file.name))
        self._show(_LOOKING)
        self.studio.background.run(partial(make_passport, file), self._take, self._fail, _ASKED)

    def choose(self) -> None:
        """Let the person choose a file."""
        folder = str(self._file.parent if self._file.name else Path.home())
        kinds = self.tr("Wake words (*.json *.tflite)")
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Which file should be looked at?"), folder, kinds)
        if chosen:
            self.look_at(Path(chosen))

    def save(self) -> None:
        """Let the person choose where the passport is saved."""
        kinds = self.tr("Web page (*.html);;Markdown (*.md);;For programs (*.json)")
        name = str(self._file.with_suffix(".passport.html"))
        chosen, _ = QFileDialog.getSaveFileName(self, self.tr("Where should the passport go?"), name, kinds)
        if chosen:
            self.save_to(Path(chosen))

    def save_to(self, out: Path) -> None:
        """Write the passport that is shown into a file."""
        if self._passport is not None:
            self._saved_to = out
            self.studio.background.run(partial(save_passport, self._passport, out), self._on_saved, self._tell, _SAVED)

    def _show(self, mode: str) -> None:
        self._mode = mode
        for name, view in self._views.items():
            view.setVisible(name == mode)
        self._other.setVisible(mode != _EMPTY)

    def _take(self, passport: Passport) -> None:
        self._passport = passport
        self.view.set_passport(passport)
        self._compare()
        self._show(_SEEN)

    def _fail(self, error: StudioError) -> None:
        self._show(_EMPTY)
        self._tell(error)

    def _tell(self, error: StudioError) -> None:
        said = describe(error)
        self.show_message(Message("bad", said.title, said.text, said.code))

    def _on_saved(self, _done: None) -> None:
        self.studio.say(self.tr("The passport is in {file}").format(file=self._saved_to))

    def _take_own(self, manifest: Path | None) -> None:
        self._own_file = manifest
        self._look_at_own.setVisible(manifest is not None)
        if manifest is not None:
            self.studio.background.run(partial(make_passport, manifest), self._take_own_passport, self._ignore, _OWN)

    def _take_own_passport(self, passport: Passport) -> None:
        self._own = passport
        self._compare()

    def _ignore(self, _error: StudioError) -> None:
        """What somebody asked about can be told without their own."""

    def _show_own(self) -> None:
        if self._own_file is not None:
            self.look_at(self._own_file)

    def _compare(self) -> None:
        same = self._own_file is not None and self._file == self._own_file
        self.view.set_own(None if same else self._own)


def _own_manifest(project: Project) -> Path | None:
    run = deliverable_run(project)
    return None if run is None else delivered_manifest(project, run.id)
