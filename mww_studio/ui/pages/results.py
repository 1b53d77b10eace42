"""The Results page: ready or not, why, and what to do."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from mww_studio.constitution.verdicts import Verdict
from mww_studio.errors import StudioError
from mww_studio.evaluation.detector import byte_cutoff
from mww_studio.evaluation.scorecard import Scorecard
from mww_studio.jobs.report import REPORT_FILE
from mww_studio.jobs.results import ClipMoment
from mww_studio.jobs.verdict import NOT_SURE, RunVerdict, VerdictCode
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.columns import Columns
from mww_studio.ui.kit.empty import EmptyState
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.kit.rows import StatusRow
from mww_studio.ui.page import Page
from mww_studio.ui.pages.closer import CloserView
from mww_studio.ui.pages.results_clips import MISTAKES, ClipsCard, Pcm, sound_of
from mww_studio.ui.pages.results_compare import CompareCard
from mww_studio.ui.pages.results_details import DetailsView
from mww_studio.ui.pages.results_loading import Loaded, judge_files, load, load_two, preview, save_report
from mww_studio.ui.pages.results_numbers import NumberCards
from mww_studio.ui.pages.results_people import PeopleCard
from mww_studio.ui.pages.results_report import FullReport
from mww_studio.ui.pages.results_whatif import Preview, WhatIfCard
from mww_studio.ui.pages.train_numbers import when
from mww_studio.ui.pages.train_words import preset_title
from mww_studio.ui.rooms_button import RoomsButton
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.services.session import Session
    from mww_studio.services.studio import Studio

_KINDS = {
    VerdictCode.READY: "ok",
    VerdictCode.RULES: "bad",
    VerdictCode.PERSON: "warn",
    VerdictCode.MISTAKES: "warn",
    VerdictCode.FEW: "info",
    VerdictCode.HOURS: "info",
    VerdictCode.UNSTABLE: "info",
}
_ICONS = {"record": "mic", "live": "audio-lines", "samples": "list-music", "train": "brain", "results": ""}
RULES = "rules"


class NumbersView(QWidget):
    """Verdict, numbers, persons, what-if and clips: the page as it is seen first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(u(4))
        self.verdict = Message("info", big=True)
        self.old = StatusRow("info")
        self.numbers = NumberCards()
        cards = Columns()
        self.people = PeopleCard()
        self.what_if = WhatIfCard()
        cards.add(self.people, 5)
        cards.add(self.what_if, 6)
        self.clips = ClipsCard()
        for widget in (self.verdict, self.old, self.numbers, cards, self.clips):
            column.addWidget(widget)
        column.addStretch(1)


class ResultsPage(Page):
    """What a finished run measured. Arguments: a run's id, two with a comma between to compare them, ``rules``."""

    key = "results"
    icon = "gauge"
    fills = True

    def __init__(self, studio: "Studio", parent: QWidget | None = None) -> None:
        self._loaded: Loaded | None = None
        self._mode = "empty"
        super().__init__(studio, parent)
        self._session: Session | None = None
        self._run_id = ""
        self._pair: tuple[str, ...] = ()
        self._verdict: RunVerdict | None = None
        self._before: Scorecard | None = None
        self._wants_rules = False
        self._dialog: QFileDialog | None = None
        self._make_actions()
        self.empty = EmptyState(
            "gauge",
            self.tr("No results yet"),
            self.tr(
                "Train the wake word once, and this page tells how often it hears each of you "
                "and how often it wakes by mistake."
            ),
        )
        self._to_train = self.empty.add_button(self.tr("Go to Train"), self._go_to_train, icon="brain")
        self.view = NumbersView()
        self.view.what_if.asked.connect(self._preview)
        self.view.what_if.use_wanted.connect(self._use)
        self.view.what_if.play_wanted.connect(self._play)
        self.view.what_if.closer_wanted.connect(self._look_closer_at_all)
        self.view.clips.play_wanted.connect(self._play)
        self.view.clips.closer_wanted.connect(self._look_closer)
        self.closer = CloserView(studio)
        self.closer.shown.connect(self._arrange)
        self.closer.navigate.connect(self.navigate)
        self.details = DetailsView()
        self.compare = CompareCard()
        self._views: dict[str, QWidget] = {
            "empty": self.empty,
            "numbers": self.view,
            "closer": self.closer,
            "details": self.details,
            "compare": self.compare,
        }
        for view in self._views.values():
            self.content.addWidget(view, 0 if view is self.compare else 1)
        self.content.addStretch(0)
        studio.session_opened.connect(self._take)
        studio.session_closed.connect(self._drop)
        if studio.session is not None:
            self._take(studio.session)
        self._show("empty")

    def title(self) -> str:
        """What is being shown."""
        if self._mode == "closer":
            return self.closer.title()
        if self._mode == "details":
            return self.tr("Curves and details")
        return self.tr("Compare") if self._mode == "compare" else self.tr("Results")

    def sentence(self) -> str:
        """Which run it is, and on what it was measured."""
        if self._mode == "closer":
            return self.closer.sentence()
        if self._loaded is None or self._mode in {"empty", "compare"}:
            return ""
        run = self._loaded.results.run
        text = self.tr("Run {number} · {preset} · trained {when} · measured on takes and sounds it never learned from")
        return text.format(number=self._loaded.number, preset=preset_title(run.preset), when=when(run.started_at))

    def primary(self) -> Button | None:
        """The filled button."""
        if self._mode == "closer":
            return self.closer.primary()
        if self._mode == "empty":
            return self._to_train
        return self._main if self._mode == "numbers" else None

    def main_control(self) -> QWidget | None:
        """The slider, or whatever is shown instead."""
        controls = {"closer": self.closer, "details": self.details.table.table, "numbers": self.view.what_if.slider}
        return controls.get(self._mode, self._to_train if self._mode == "empty" else self._back)

    def entered(self, argument: str) -> None:
        """Show a run, two runs, or the rules; without an argument what was shown, or the newest."""
        older, _, newer = argument.partition(",")
        if newer:
            self._ask_two(older, newer)
            return
        if argument == RULES:
            self._wants_rules = True
        elif argument:
            self._run_id = argument
            self._show_numbers()
        if self._mode in {"empty", "numbers"}:
            self._load()

    def left(self) -> None:
        """Nothing plays on while the page is hidden."""
        if self._mode == "closer":
            self._show_numbers()

    def escape(self) -> bool:
        """Back to the numbers."""
        inside = self._mode in {"closer", "details", "compare"}
        if inside:
            self._show_numbers()
        return inside

    def _make_actions(self) -> None:
        self._compare_button = Button(self.tr("Compare"), "quiet", "git-compare")
        self._compare_button.clicked.connect(self._compare_with_before)
        self._details_button = Button(self.tr("Curves and details"), "quiet", "chart-line")
        self._details_button.clicked.connect(self._show_details)
        self._save = Button(self.tr("Save report…"), "quiet", "file-down")
        self._save.clicked.connect(self._ask_where)
        self._full = FullReport(self)
        self._full.wanted.connect(self._open_full_report)
        self._full.told.connect(self.studio.say)
        self._full.failed.connect(self._show_trouble)
        self._back = Button(self.tr("Back to Results"), "quiet", "arrow-left")
        self._back.clicked.connect(self._show_numbers)
        self._previous = Button("", "normal", "chevron-left", name=self.tr("Previous sound (Left)"))
        self._next = Button("", "normal", "chevron-right", name=self.tr("Next sound (Right)"))
        self._rooms_button = RoomsButton(self)
        for button in (
            self._rooms_button,
            self._details_button,
            self._compare_button,
            self._save,
            self._full.button,
            self._back,
            self._previous,
            self._next,
        ):
            self.actions.addWidget(button)
        self._main: Button | None = None

    # The project ------------------------------------------------------------------------------------------------

    def _take(self, session: "Session") -> None:
        self._session = session
        self._previous.clicked.connect(self.closer.previous)
        self._next.clicked.connect(self.closer.next)
        session.runs_changed.connect(self._load)

    def _drop(self) -> None:
        if self._session is not None:
            self._session.runs_changed.disconnect(self._load)
        self._session, self._loaded, self._run_id = None, None, ""
        self._full.forget()
        self._show("empty")

    def _load(self) -> None:
        if self._session is not None:
            self._session.ask(
                partial(load, run_id=self._run_id), self._show_loaded, self._show_trouble, key="results.load"
            )

    def _show_loaded(self, loaded: Loaded | None) -> None:
        self.show_message(None)
        if loaded is None:
            self._loaded = None
            self._show("empty")
            return
        same = self._loaded is not None and self._loaded.run_id == loaded.run_id
        before = self._loaded.results.report.scorecard if same and self._loaded is not None else None
        card, target = loaded.results.report.scorecard, loaded.results.report.operating_point.target_per_hour
        if before is not None and before.cutoff != card.cutoff:
            self._before = before
        elif not same:
            self._before = None
        self._loaded = loaded
        self._show_verdict(loaded.results.verdict)
        self._show_age(loaded.results.new_takes)
        self.view.numbers.set_scorecard(card, target, self._before)
        self.view.people.set_people(loaded.results.people)
        self.view.what_if.set_now(loaded.results.cutoff_byte, loaded.results.window)
        if self._session is not None:
            self.view.clips.set_lists(self._session, loaded.lists, loaded.results.cutoff_byte)
        self.details.set_results(dict(loaded.results.conditions), loaded.results.report.remarks)
        if self._mode == "empty":
            self._show("numbers")
        self._arrange()
        if self._wants_rules:
            self._wants_rules = False
            self._show_details()

    def _show_verdict(self, verdict: RunVerdict) -> None:
        self._verdict = verdict
        self.view.verdict.set(_KINDS[verdict.code], verdict.title, verdict.text)
        self.view.verdict.clear_buttons()
        icon = _ICONS.get(verdict.action, "")
        if verdict.code in NOT_SURE:  # nothing is wrong: to try it is next, as the rail says
            self.view.verdict.add_button(verdict.button, self._follow_verdict, icon=icon)
            self._main = self.view.verdict.add_button(self.tr("Try it live"), self._try, "primary", _ICONS["live"])
            return
        if verdict.action != "live" and verdict.code is not VerdictCode.RULES:
            self.view.verdict.add_button(self.tr("Try it anyway"), self._try)
        self._main = self.view.verdict.add_button(verdict.button, self._follow_verdict, "primary", icon)

    def _show_age(self, new_takes: int) -> None:
        self.view.old.setVisible(new_takes > 0)
        one, many = self.tr("Measured before a new take."), self.tr("Measured before {count} new takes.")
        self.view.old.set("info", one if new_takes == 1 else many.format(count=new_takes))
        if self.view.old.button is None:
            self.view.old.set_button(self.tr("Train again"), self._go_to_train)

    # What can be done -------------------------------------------------------------------------------------------

    def _follow_verdict(self) -> None:
        if self._verdict is None:
            return
        if self._verdict.action != "results":
            self.navigate.emit(self._verdict.action, self._verdict.argument)
        elif self._verdict.argument == RULES:
            self._show_details()
        else:
            self.view.clips.show_list(MISTAKES)
            QTimer.singleShot(0, self._show_clips)

    def _show_clips(self) -> None:
        self._scroll.ensureWidgetVisible(self.view.clips)

    def _try(self) -> None:
        self.navigate.emit("live", "")

    def _go_to_train(self) -> None:
        self.navigate.emit("train", "")

    def _preview(self, byte: int, window: int) -> None:
        if self._loaded is not None:
            work = partial(preview, self._loaded.results, byte, window)
            self.studio.background.run(work, self._show_preview, self._show_trouble, key="results.preview")

    def _show_preview(self, shown: Preview) -> None:
        what = self.view.what_if
        if (shown.chosen.cutoff_byte, shown.chosen.window) == (what.chosen, what.window_chosen):
            self.view.what_if.show_preview(shown)

    def _use(self, byte: int, window: int) -> None:
        if self._session is not None and self._loaded is not None:
            self._session.use_cutoff(self._loaded.run_id, byte_cutoff(byte), window)
            self.studio.say(self._session.undo.undoText(), undo=True)

    def _play(self, moment: ClipMoment) -> None:
        if self.studio.player.is_playing:
            self.studio.player.stop()
        elif self._session is not None:
            work = partial(sound_of, moment=moment)
            self._session.ask(work, self._play_sound, self._show_trouble, key="results.play")

    def _play_sound(self, pcm: Pcm) -> None:
        self.studio.player.play(pcm)

    def _look_closer(self, moment: ClipMoment, among: tuple[ClipMoment, ...]) -> None:
        if self._loaded is not None:
            self.closer.open(self._loaded.results, among, among.index(moment))
            self._show("closer")
            self.closer.setFocus()

    def _look_closer_at_all(self, moments: tuple[ClipMoment, ...]) -> None:
        self._look_closer(moments[0], moments)

    # Other views ------------------------------------------------------------------------------------------------

    def _show_details(self) -> None:
        if self._loaded is not None:
            work = partial(judge_files, self._loaded.results)
            self.studio.background.run(work, self._show_rules, self._show_trouble, key="results.rules")
            self._show("details")

    def _show_rules(self, verdicts: list[Verdict]) -> None:
        self.details.rules.set_verdicts(verdicts)

    def _compare_with_before(self) -> None:
        if self._loaded is not None and self._loaded.others:
            other = self._loaded.others[-1]
            self._ask_two(*sorted((other, self._loaded.run_id)))

    def _ask_two(self, older: str, newer: str) -> None:
        if self._session is not None:
            work = partial(load_two, run_ids=(older, newer))
            self._session.ask(work, self._show_two, self._show_trouble, key="results.compare")

    def _show_two(self, both: tuple[Loaded, Loaded]) -> None:
        older, newer = both
        names = (
            self.tr("Run {number}").format(number=older.number),
            self.tr("Run {number}").format(number=newer.number),
        )
        self.compare.set_results(older.results, newer.results, names)
        self._pair = (newer.run_id, older.run_id)
        self._show("compare")

    def _ask_where(self) -> None:
        if self._dialog is None:
            self._dialog = QFileDialog(self, self.tr("Save the report in"))
            self._dialog.setFileMode(QFileDialog.FileMode.Directory)
            self._dialog.fileSelected.connect(self._save_report)
        self._dialog.open()

    def _save_report(self, folder: str) -> None:
        if self._loaded is not None:
            work = partial(save_report, self._loaded.results, Path(folder))
            self.studio.background.run(work, self._on_saved, self._show_trouble, key="results.report")

    def _on_saved(self, where: Path) -> None:
        if self._session is not None and self._loaded is not None:
            self._full.save(self._session, self._loaded.run_id, where / REPORT_FILE)

    def _open_full_report(self) -> None:
        if self._session is not None and self._loaded is not None:
            shown, *others = self._pair if self._mode == "compare" else (self._loaded.run_id,)
            self._full.open(self._session, shown, others)

    # The page ---------------------------------------------------------------------------------------------------

    def _show_numbers(self) -> None:
        if self._loaded is None:
            self._show("empty")
            self._load()
        else:
            self._show("numbers")

    def _show(self, mode: str) -> None:
        self._mode = mode
        for name, view in self._views.items():
            view.setVisible(name == mode)
        self._scroll.verticalScrollBar().setValue(0)
        self._arrange()

    def _arrange(self) -> None:
        numbers = self._mode == "numbers"
        others = self._loaded.others if self._loaded is not None else ()
        self._compare_button.setVisible(numbers and bool(others))
        self._details_button.setVisible(numbers)
        self._rooms_button.set_offered(numbers)
        self._save.setVisible(self._mode == "details")
        self._full.button.setVisible(self._mode in {"numbers", "details", "compare"})
        self._back.setVisible(self._mode in {"closer", "details", "compare"})
        at, count = self.closer.position
        for button, possible in ((self._previous, at > 1), (self._next, at < count)):
            button.setVisible(self._mode == "closer" and count > 1)
            button.setEnabled(possible)
        self.update_head()

    def _show_trouble(self, error: StudioError) -> None:
        message = self.show_error(error)
        if error.code.startswith("results."):
            message.add_button(self.tr("Go to Train"), self._go_to_train, icon="brain")
