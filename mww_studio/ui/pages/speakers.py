"""Who is speaking: takes without a person grouped by voice, for somebody to name."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QLocale, SignalInstance
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mww_studio.errors import StudioError
from mww_studio.jobs.leakage import LeakageReport
from mww_studio.jobs.speakers import LEAST_CLIPS, Group, SpeakerAnalysis
from mww_studio.jobs.speakers_review import Review
from mww_studio.project.records import Clip, ClipKind
from mww_studio.project.store import Project
from mww_studio.services.job_thread import JobState, Outcome
from mww_studio.services.jobs import Job
from mww_studio.services.speakers_works import (
    VOICES,
    Unnamed,
    audit_job,
    parting,
    read_last,
    read_unnamed,
    voices_job,
)
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.empty import EmptyState
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.pages.speakers_ask import AskCard
from mww_studio.ui.pages.speakers_audit import AuditCard
from mww_studio.ui.pages.speakers_bar import NamesBar
from mww_studio.ui.pages.speakers_group import GroupCard, TakeRow
from mww_studio.ui.pages.speakers_running import VoicesRunning
from mww_studio.ui.room import ProjectRoom
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.services.session import Session
    from mww_studio.services.studio import Studio

_EMPTY, _ASK, _RUNNING, _REVIEW = "empty", "ask", "running", "review"


class SpeakersPage(ProjectRoom):
    """Counts takes without a person, groups them by voice, and lets somebody name, merge and part the groups."""

    key: ClassVar[str] = "speakers"
    icon: ClassVar[str] = "users"
    under: ClassVar[str] = "samples"

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        self._mode = _EMPTY
        super().__init__(studio, parent)
        self._ground = Unnamed({}, ())
        self._analysis: SpeakerAnalysis | None = None
        self._review: Review | None = None
        self._job: Job | None = None
        self._audit: Job | None = None
        self._split = 0
        self._parted_review: Review | None = None
        self._plays = False
        self._make_views()
        self._show(_EMPTY)

    def title(self) -> str:
        """Who is speaking."""
        return self.tr("Who is speaking?")

    def sentence(self) -> str:
        """What to do now."""
        if self._mode == _REVIEW:
            return self.tr("Hear a few takes of each voice and say who it is. Nothing changes before you say so below.")
        return self.tr("Takes whose person nobody knows are grouped by voice, so that you can name them together.")

    def primary(self) -> Button | None:
        """Find the voices, or take the names over."""
        buttons = {_ASK: self.start_button, _REVIEW: self.bar.apply_button, _EMPTY: self._to_samples}
        return buttons.get(self._mode)

    def main_control(self) -> QWidget | None:
        """The button that begins, or the first name."""
        if self._mode == _REVIEW and self.cards:
            return self.cards[0].who
        return self.running.cancel_button if self._mode == _RUNNING else self.primary()

    def left(self) -> None:
        """Nothing plays on unseen."""
        if self._plays:
            self._plays = False
            self.studio.player.stop()

    # How it is made ---------------------------------------------------------------------------------------------

    def _make_views(self) -> None:
        self.empty = EmptyState("users", " ")
        self._to_samples = self.empty.add_button(self.tr("Go to Samples"), self.go_back, icon="list-music")
        self.ask = AskCard()
        self.start_button = self.ask.start_button
        self.start_button.clicked.connect(self._start)
        self.running = VoicesRunning()
        self.review = QWidget()
        self._column = QVBoxLayout(self.review)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Theme.current().u(4))
        self.cards: list[GroupCard] = []
        self.unsure = Card(self.tr("Nobody is sure"))
        self._unsure_row = TakeRow(self.tr("nobody"))
        self._unsure_row.play_wanted.connect(self._play)
        self._unsure_row.move_wanted.connect(self._move)
        self.unsure.body.addWidget(self._unsure_row)
        self._column.addWidget(self.unsure)
        self.audit = AuditCard()
        self.audit.look_wanted.connect(self._look)
        self.audit.clip_wanted.connect(self._show_clip)
        self._views = {_EMPTY: self.empty, _ASK: self.ask, _RUNNING: self.running, _REVIEW: self.review}
        for view in self._views.values():
            self.content.addWidget(view)
        self.content.addWidget(self.audit)
        self.bar = NamesBar()
        self.bar.over_button.clicked.connect(self._ask_again)
        self.bar.apply_button.clicked.connect(self._apply)
        self.set_bar(self.bar)

    def _show(self, mode: str) -> None:
        self._mode = mode
        for name, view in self._views.items():
            view.setVisible(name == mode)
        self.bar.setVisible(mode == _REVIEW)
        self.audit.setVisible(mode != _RUNNING)
        self.update_head()

    # The project ------------------------------------------------------------------------------------------------

    def changes(self, session: Session) -> tuple[SignalInstance, ...]:
        """Samples and people."""
        return (session.clips_changed, session.people_changed)

    def forget(self) -> None:
        """Show that there is no take."""
        self._analysis = self._review = None
        self._follow(None)
        self._follow_audit(None)
        self.audit.clear()
        self.show_message(None)
        self._show(_EMPTY)

    def load(self) -> None:
        """Read which takes have no person."""
        if self.session is not None:
            self.session.ask(read_unnamed, self._show_ground, self.show_error, key="speakers.ground")

    def _show_ground(self, ground: Unnamed) -> None:
        self._ground = ground
        session = self.session
        if session is None:
            return
        busy = self.busy_job(VOICES)
        self.ask.offer(ground)
        if busy is not None:
            self._follow(busy)
            self._show(_RUNNING)
        elif self._review is not None and self._keep_known():
            self._show_review()
        elif len(ground.of(self._kind)) < LEAST_CLIPS:
            self._say_empty()
            self._show(_EMPTY)
        else:
            self._show(_ASK)
            if self._analysis is None:
                session.ask(read_last, self._take_up, key="speakers.last")

    @property
    def _kind(self) -> ClipKind:
        """Whose voices are told apart: those of the analysis that is looked at, else what was chosen."""
        if self._review is not None and self._analysis is not None:
            return self._analysis.clip_kind
        return self.ask.kind

    def _say_empty(self) -> None:
        text = self.tr(
            "Takes that you add from files without saying who speaks can be told apart here by their voices."
        )
        if self._ground.of(ClipKind.WAKE_WORD):
            self.empty.set(
                self.tr("Too few takes without a person"),
                self.tr("Say on the page Samples who speaks in them: choose them and press Ctrl+M."),
            )
        elif not self._ground.any_take:
            self.empty.set(self.tr("No takes yet"), text)
        else:
            self.empty.set(self.tr("Every take has its person"), text)

    def _keep_known(self) -> bool:
        """Leave out what somebody named or threw away meanwhile; whether anything is left."""
        assert self._review is not None  # noqa: S101 - asked for a review only
        self._review = self._review.keep(set(self._ground.of(self._kind)))
        if not self._review.groups:
            self._review = None
        return self._review is not None

    def _take_up(self, analysis: SpeakerAnalysis | None) -> None:
        """The analysis of an earlier sitting goes on, if it knows most of the takes."""
        if analysis is None or self._mode != _ASK:
            return
        known = {int(one.key) for group in analysis.groups for one in group.members}
        unnamed = set(self._ground.of(analysis.clip_kind))
        if len(known & unnamed) * 2 > len(unnamed):
            self._begin_review(analysis)

    # Listening --------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        session = self.session
        if session is None:
            return
        self.show_message(None)
        clips = len(self._ground.of(self.ask.kind))
        try:
            self._follow(session.start(voices_job(session.project, self.ask.kind, self.ask.count, clips)))
        except StudioError as error:
            self.show_error(error)
            return
        self._show(_RUNNING)
        self.running.cancel_button.setFocus()

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
        self._show(_ASK)
        if outcome.state is JobState.CANCELLED:
            message = Message(
                "info", self.tr("Listening was stopped"), self.tr("What was heard stays known: it can go on.")
            )
            message.add_button(self.tr("Go on"), self._start, icon="play")
            self.show_message(message)
        elif outcome.error is not None:
            self.show_error(outcome.error)
        elif isinstance(outcome.result, SpeakerAnalysis):
            self._begin_review(outcome.result)

    def _ask_again(self) -> None:
        self._review = None
        self.left()
        self._show(_ASK)
        self.start_button.setFocus()

    # Naming -----------------------------------------------------------------------------------------------------

    def _begin_review(self, analysis: SpeakerAnalysis) -> None:
        self._analysis = analysis
        self._review = Review.of(analysis, self.tr("Person {number}"), self._ground.people)
        if self._keep_known():
            self._show_review()

    def _show_review(self) -> None:
        review = self._review
        if review is None:
            return
        for card in self.cards:
            card.hide()
            self._column.removeWidget(card)
            card.deleteLater()
        self.cards = [GroupCard(number, review.groups, self._ground.people) for number in range(len(review.groups))]
        for number, card in enumerate(self.cards):
            self._column.insertWidget(number, card)
            card.renamed.connect(self._rename)
            card.merge_wanted.connect(self._merge)
            card.split_wanted.connect(self._part)
            card.play_wanted.connect(self._play)
            card.move_wanted.connect(self._move)
        self.unsure.setVisible(bool(review.unsure))
        self.unsure.set_sentence(self.tr("These takes stay without a person unless you put them into a group."))
        self._unsure_row.show_takes([(one.key, self.tr("Take {take}").format(take=one.key)) for one in review.unsure])
        self._show_places(review)
        self._show(_REVIEW)

    def _show_places(self, review: Review) -> None:
        """Where a doubtful take can be put, and how many people there are."""
        self._unsure_row.show_places([(number, group.name) for number, group in enumerate(review.groups)])
        names = review.names()
        text = self.tr("{takes} takes, {people} people").format(
            takes=QLocale().toString(len(names)),
            people=QLocale().toString(len({name.casefold() for name in names.values()})),
        )
        self.bar.show_sum(text, usable=bool(names))

    def _change(self, review: Review) -> None:
        """Another state of the review; the focus stays with the same group."""
        focused = next((n for n, card in enumerate(self.cards) if card.isAncestorOf(self.focusWidget() or self)), 0)
        self._review = review
        self._show_review()
        if self.cards:
            self.cards[min(focused, len(self.cards) - 1)].who.setFocus()

    def _rename(self, number: int, name: str) -> None:
        if self._review is not None and number < len(self._review.groups):
            self._review = self._review.rename(number, name)
            for card in self.cards:
                card.show_groups(self._review.groups)
            self._show_places(self._review)

    def _merge(self, number: int, into: int) -> None:
        if self._review is not None:
            self._change(self._review.merge(number, into))

    def _move(self, key: str, to: int) -> None:
        if self._review is not None and key:
            self._change(self._review.move(key, to))

    def _part(self, number: int) -> None:
        if self._review is None or self._analysis is None or self.session is None:
            return
        self._split, self._parted_review = number, self._review
        work = parting(self._review.groups[number].members, self._analysis.embedder)
        self.session.ask(work, self._parted, self.show_error, key="speakers.part")

    def _parted(self, parts: tuple[Group, ...]) -> None:
        review = self._review
        if review is None or review is not self._parted_review:
            return  # it was changed meanwhile
        if len(parts) < 2:
            self.studio.say(self.tr("These takes cannot be parted: they sound the same."))
            return
        name = review.free_name(self.tr("Person {number}"), self._ground.people)
        self._change(review.split(self._split, parts, name))

    def _apply(self) -> None:
        session, review = self.session, self._review
        if session is None or review is None:
            return
        names = review.names()
        one, many = self.tr("Say who speaks in 1 take"), self.tr("Say who speaks in {count} takes")
        text = one if len(names) == 1 else many.format(count=QLocale().toString(len(names)))
        self._review = None
        try:
            session.assign_each(dict(names), text)
        except StudioError as error:
            self._review = review
            self.show_error(error)
            return
        self.studio.say(text, undo=True)
        self.load()

    def _play(self, key: str) -> None:
        if self.session is not None and key:
            self.session.ask(partial(_path, id_=int(key)), self._play_path, self.show_error, key="speakers.play")

    def _play_path(self, path: Path | None) -> None:
        if path is not None and self.isVisible():
            self._plays = True
            self.studio.player.play(path)

    # Learning and test ------------------------------------------------------------------------------------------

    def _look(self) -> None:
        session = self.session
        if self._audit is not None:
            self._audit.cancel()
        elif session is not None:
            try:
                self._follow_audit(session.start(audit_job(session.project)))
            except StudioError as error:
                self.show_error(error)

    def _follow_audit(self, job: Job | None) -> None:
        if self._audit is not None:
            self._audit.ended.disconnect(self._on_audited)
        self._audit = job
        if job is not None:
            job.ended.connect(self._on_audited)
        self.audit.show_busy(job is not None)

    def _on_audited(self, outcome: Outcome) -> None:
        self._follow_audit(None)
        if outcome.error is not None:
            self.show_error(outcome.error)
        elif isinstance(outcome.result, LeakageReport):
            self.audit.show_report(outcome.result)

    def _show_clip(self, id_: int) -> None:
        self.navigate.emit(self.under, str(id_))


def _path(project: Project, id_: int) -> Path | None:
    clips: list[Clip] = project.clips_by_id([id_])
    return project.folder / clips[0].path if clips else None
