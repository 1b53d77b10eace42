"""Search for mistakes: hours of sound are heard, and what woke the wake word there teaches it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLocale, SignalInstance
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from mww_studio.errors import StudioError
from mww_studio.jobs.mining import MiningResult, MiningSpec
from mww_studio.jobs.mining_record import Candidate, State
from mww_studio.project.store import Project
from mww_studio.services.job_thread import JobState, Outcome
from mww_studio.services.jobs import Job
from mww_studio.services.mining_works import KIND, search_job
from mww_studio.ui.drop import DropKind, kind_of
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.empty import EmptyState
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.kit.text import Label
from mww_studio.ui.kit.toast import announce
from mww_studio.ui.models.found_table import Envelope
from mww_studio.ui.pages.mining_list import DecisionBar, FoundList
from mww_studio.ui.pages.mining_loading import Ground, Order, plan, read_ground, read_sound, read_waves
from mww_studio.ui.pages.mining_running import SearchRunning
from mww_studio.ui.pages.mining_setup import SearchSetup
from mww_studio.ui.pages.mining_words import taught_text, told
from mww_studio.ui.room import ProjectRoom

if TYPE_CHECKING:
    from mww_studio.services.session import Session
    from mww_studio.services.studio import Studio

_EMPTY, _ASK, _RUNNING, _LIST = "empty", "ask", "running", "list"
_NAMED = 5
SOAK = "soak"

Pcm = npt.NDArray[np.int16]


@dataclass(frozen=True)
class _Played:
    """A sound on its way to the loudspeaker."""

    id: int
    pcm: Pcm

    @staticmethod
    def read(project: Project, one: Candidate) -> _Played:
        return _Played(one.id, read_sound(project, one))


class MiningPage(ProjectRoom):
    """Asks what to listen to, shows how far it is, and lets a person decide about what was found.

    Argument: ``soak`` takes what the live test kept.
    """

    key: ClassVar[str] = "mining"
    icon: ClassVar[str] = "search"
    under: ClassVar[str] = "results"
    fills: ClassVar[bool] = True

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        self._mode = _EMPTY
        super().__init__(studio, parent)
        self._ground: Ground | None = None
        self._job: Job | None = None
        self._order: Order | None = None
        self._asking = self._wants_soak = self._message_stays = False
        self._played: int | None = None
        self._make_actions()
        self._make_views()
        studio.player.playing.connect(self._on_playing)
        self.setAcceptDrops(True)
        self._show(_EMPTY)

    def title(self) -> str:
        """Search for mistakes."""
        return self.tr("Search for mistakes")

    def sentence(self) -> str:
        """What it is for."""
        if self._mode == _LIST:
            return self.tr("Listen to each, and say what the next training should learn not to be the wake word.")
        return self.tr("The finished wake word listens to hours of sound and shows where it woke, or nearly did.")

    def primary(self) -> Button | None:
        """Search, learn what is chosen, or train again."""
        if self._mode == _EMPTY:
            return self._to_train
        if self._mode == _ASK:
            return self._train_button or self.setup.search_button
        return self.bar.accept_button if self._mode == _LIST else None

    def main_control(self) -> QWidget | None:
        """The list, or the button that begins."""
        controls = {_LIST: self.list, _RUNNING: self.running.cancel_button, _EMPTY: self._to_train}
        return controls.get(self._mode, self.setup.folder_button)

    def entered(self, argument: str) -> None:
        """Look what there is."""
        self._wants_soak = argument == SOAK
        self._asking = self._asking or self._wants_soak
        self.load()

    def left(self) -> None:
        """Nothing plays on unseen."""
        if self._played is not None:
            self.studio.player.stop()

    def take_files(self, paths: Sequence[Path], kind: str) -> None:  # noqa: ARG002 - whatever they are, they are heard
        """Listen to these."""
        self.setup.add_paths(paths)
        self._ask_again()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Sound files and folders can be dropped on the page."""
        if self._mode in (_ASK, _LIST) and kind_of(_paths(event)) is DropKind.SOUNDS:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take them."""
        event.acceptProposedAction()
        self.take_files(_paths(event), "")

    # -- how it is made

    def _make_actions(self) -> None:
        self.more_button = Button(self.tr("Search more"), "quiet", "search")
        self.more_button.clicked.connect(self._ask_again)
        self.list_button = Button("", "quiet", "list-music")
        self.list_button.clicked.connect(self._show_waiting)
        for button in (self.more_button, self.list_button):
            self.actions.insertWidget(0, button)

    def _make_views(self) -> None:
        self.empty = EmptyState(
            "search",
            self.tr("There is no wake word to search with yet"),
            self.tr("Train it once. Then it can listen to hours of sound and show what it falls for."),
        )
        self._to_train = self.empty.add_button(self.tr("Go to Train"), self._go_to_train, icon="brain")
        self._train_button: Button | None = None
        self.setup = SearchSetup()
        self.setup.search_wanted.connect(self._search)
        self.running = SearchRunning()
        self.left_out = Card()
        self._left_lines = Label(wrap=True)
        self.left_out.body.addWidget(self._left_lines)
        self.left_out.hide()
        self.list_card = Card(padding=1)
        self.list_card.set_filling()
        self.list = FoundList()
        self.list_card.body.addWidget(self.list)
        self.bar = DecisionBar()
        self.set_bar(self.bar)
        self._views = {_EMPTY: self.empty, _ASK: self.setup, _RUNNING: self.running, _LIST: self.list_card}
        for name, view in self._views.items():
            self.content.addWidget(view, 1 if name in (_EMPTY, _LIST) else 0)
        self.content.addWidget(self.left_out)
        self.content.addStretch(0)
        self.list.play_wanted.connect(self._play)
        self.list.accept_wanted.connect(self._accept)
        self.list.reject_wanted.connect(self._reject)
        self.list.word_wanted.connect(self.bar.open_menu)
        self.list.choice_changed.connect(self._show_choice)
        self.bar.play_wanted.connect(self._play_current)
        self.bar.all_wanted.connect(self.list.choose_all)
        self.bar.accept_wanted.connect(self._accept)
        self.bar.reject_wanted.connect(self._reject)
        self.bar.word_chosen.connect(self._was_word)

    # -- the project

    def changes(self, session: Session) -> tuple[SignalInstance, ...]:
        """Samples and runs."""
        return (session.clips_changed, session.runs_changed)

    def forget(self) -> None:
        """Show that there is nothing to search with."""
        self._ground = self._order = None
        self._follow(None)
        self._asking = False
        self.setup.set_paths(())
        self.left_out.hide()
        self.show_message(None)
        self._show(_EMPTY)

    def load(self) -> None:
        """Read what was found and what can search."""
        if self.session is not None:
            self.session.ask(read_ground, self._show_ground, self._show_trouble, key="mining.ground")

    def _show_ground(self, ground: Ground) -> None:
        self._ground = ground
        self.setup.set_ground(ground)
        self.bar.set_people(ground.people)
        if self._wants_soak and ground.soak:
            self.setup.choose_soak()
        self._wants_soak = False
        busy = self.busy_job(KIND)
        if busy is not None:
            self._follow(busy)
            self._show(_RUNNING)
        elif not ground.runs:
            self._show(_EMPTY)
        elif ground.waiting and not self._asking:
            self._show_found(ground)
        else:
            self._show_asking(ground)

    def _show_found(self, ground: Ground) -> None:
        self.list.show_found(ground.waiting)
        self._say_result(ground)
        self._show(_LIST)
        self._show_choice()
        if self.session is not None:
            work = partial(read_waves, found=ground.waiting)
            self.session.ask(work, self._show_waves, key="mining.waves")

    def _show_asking(self, ground: Ground) -> None:
        if not self._message_stays:
            self._say_result(ground)
        self._show(_ASK)

    def _say_result(self, ground: Ground) -> None:
        """The last search in a sentence, and what the next training will learn."""
        self._train_button = None
        last, taught = ground.last, ground.taught
        if last is None and not taught:
            self.show_message(None)
            return
        if taught and not ground.waiting:
            message = Message("info", taught_text(taught), self.tr("It learns that they are not the wake word."))
            self._train_button = message.add_button(self.tr("Train again"), self._go_to_train, "primary", "brain")
            self.setup.search_button.set_kind("normal")
        else:
            message = Message(*told(last)) if last is not None else Message("info", "")
            if taught:
                message.add_button(self.tr("Train again"), self._go_to_train, icon="brain")
            self.setup.search_button.set_kind("primary")
        self.show_message(message)

    # -- searching

    def _search(self, order: Order) -> None:
        self._order = order
        if self.session is not None:
            self.session.ask(partial(plan, order=order), self._begin, self._show_trouble, key="mining.plan")

    def _begin(self, spec: MiningSpec) -> None:
        session = self.session
        if session is None or self.busy_job(KIND) is not None:
            return
        self.left_out.hide()
        self.show_message(None)
        self._message_stays = False
        try:
            self._follow(session.start(search_job(session.project, spec)))
        except StudioError as error:
            self._show_trouble(error)
            return
        self._asking = False
        self._show(_RUNNING)

    def _search_again(self) -> None:
        if self._order is not None:
            self.show_message(None)
            self._search(self._order)

    def _follow(self, job: Job | None) -> None:
        if job is self._job:
            return
        if self._job is not None:
            self._job.ended.disconnect(self._on_ended)
        self._job = job
        if job is not None:
            job.ended.connect(self._on_ended)
        self.running.follow(job)

    def _on_ended(self, outcome: Outcome) -> None:
        self._follow(None)
        if outcome.state is JobState.CANCELLED:
            message = Message(
                "info", self.tr("The search was stopped"), self.tr("What it has heard stays known: it can go on.")
            )
            if self._order is not None:
                message.add_button(self.tr("Go on"), self._search_again, icon="play")
            self.show_message(message)
            self._asking = self._message_stays = True
        elif outcome.error is not None:
            self._show_trouble(outcome.error)
            self._asking = True
        elif isinstance(outcome.result, MiningResult):
            self._show_left_out(outcome.result)
            self.setup.set_paths(())
        self.load()

    def _show_left_out(self, result: MiningResult) -> None:
        files = [*result.unreadable, *result.left_out]
        one, many = self.tr("1 file was not heard"), self.tr("{count} files were not heard")
        self.left_out.set_title(one if len(files) == 1 else many.format(count=QLocale().toString(len(files))))
        lines = [
            self.tr("{file}: {reason}").format(file=Path(each.file).name, reason=each.reason) for each in files[:_NAMED]
        ]
        if len(files) > _NAMED:
            lines.append(self.tr("And {count} more.").format(count=QLocale().toString(len(files) - _NAMED)))
        self._left_lines.setText("\n".join(lines))
        self.left_out.setVisible(bool(files))

    def _show_trouble(self, error: StudioError) -> None:
        message = self.show_error(error)
        if self._order is not None:
            message.add_button(self.tr("Search again"), self._search_again, icon="search")
        self._message_stays = True
        announce(self, message.accessibleName(), at_once=True)

    # -- deciding

    def _accept(self) -> None:
        self._decide(State.ACCEPTED, taught_text(len(self.list.chosen())))

    def _reject(self) -> None:
        one, many = self.tr("1 sound is not learned"), self.tr("{count} sounds are not learned")
        self._decide(State.REJECTED, self._counted(one, many))

    def _was_word(self, speaker: str) -> None:
        one, many = self.tr("1 sound became a take"), self.tr("{count} sounds became takes")
        self._decide(State.WORD, self._counted(one, many), speaker)

    def _counted(self, one: str, many: str) -> str:
        count = len(self.list.chosen())
        return one if count == 1 else many.format(count=QLocale().toString(count))

    def _decide(self, state: State, said: str, speaker: str = "") -> None:
        chosen, session = self.list.chosen(), self.session
        if not chosen or session is None:
            return
        if self._played is not None:
            self.studio.player.stop()
        try:
            session.decide_found({each.id: state for each in chosen}, said, speaker or None)
        except StudioError as error:
            self.studio.trouble.emit(error)
            return
        self.studio.say(said, undo=True)

    def _show_choice(self) -> None:
        self.bar.show_choice(len(self.list.chosen()), len(self.list.found.found))

    def _play_current(self) -> None:
        current = self.list.current() or next(iter(self.list.chosen()), None)
        if current is not None:
            self._play(current.id)

    def _play(self, id_: int) -> None:
        playing, session = self._played, self.session
        if playing is not None:
            self.studio.player.stop()
        if session is None or playing == id_:
            return
        row = self.list.found.row_of(id_)
        if row is not None:
            work = partial(_Played.read, one=self.list.found.found[row])
            session.ask(work, self._play_read, self.studio.trouble.emit, key="mining.play")

    def _play_read(self, read: _Played) -> None:
        self.studio.player.play(read.pcm)
        self._show_played(read.id)

    def _on_playing(self, on: bool) -> None:
        if not on:
            self._show_played(None)

    def _show_played(self, id_: int | None) -> None:
        self._played = id_
        self.list.show_playing(id_)
        self.bar.show_playing(id_ is not None)

    def _show_waves(self, waves: dict[int, Envelope]) -> None:
        self.list.found.show_waves(waves)

    # -- what is shown

    def _ask_again(self) -> None:
        self._asking = True
        if self._ground is not None:
            self._show_asking(self._ground)

    def _show_waiting(self) -> None:
        self._asking = self._message_stays = False
        self.load()

    def _show(self, mode: str) -> None:
        self._mode = mode
        for name, view in self._views.items():
            view.setVisible(name == mode)
        self.bar.setVisible(mode == _LIST)
        self.more_button.setVisible(mode == _LIST)
        waiting = len(self._ground.waiting) if self._ground is not None else 0
        one, many = self.tr("1 sound to listen to"), self.tr("{count} sounds to listen to")
        self.list_button.setText(one if waiting == 1 else many.format(count=QLocale().toString(waiting)))
        self.list_button.setVisible(mode == _ASK and waiting > 0)
        if mode not in (_ASK, _LIST):
            self.left_out.hide()
        self.update_head()

    def _go_to_train(self) -> None:
        self.navigate.emit("train", "")


def _paths(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
