"""Live test: the finished file listens to the microphone exactly as the device will."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QLocale, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.audio.files import Pcm
from mww_studio.errors import StudioError
from mww_studio.evaluation.live import GAINS
from mww_studio.evaluation.live_session import Trace, Wake
from mww_studio.evaluation.scorecard import count_rate
from mww_studio.export.bundle import bundle_files
from mww_studio.jobs.delivery import FILES
from mww_studio.jobs.inspection import deliverable_run
from mww_studio.jobs.mistakes import heard_mistake
from mww_studio.ui.kit.bars import Meter
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.empty import EmptyState
from mww_studio.ui.kit.fields import Combo, Spin, label_for
from mww_studio.ui.kit.flow import FlowLayout
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.kit.toast import announce
from mww_studio.ui.page import Page
from mww_studio.ui.pages.live_events import WakeList
from mww_studio.ui.pages.live_trace import LiveTrace
from mww_studio.ui.pages.live_words import clock_text, time_text
from mww_studio.ui.pages.results_numbers import NumberCard
from mww_studio.ui.pages.results_words import cutoff_text, of, proves
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.audio.devices import Microphone
    from mww_studio.project.records import Run
    from mww_studio.services.live_test import Counters, Listening
    from mww_studio.services.session import Session
    from mww_studio.services.studio import Studio

ENOUGH_SAID = 10
_SOAK_H = 6
_LONGEST_H = 24
_DRAW_MS = 66
_BESIDE_FROM_U = 170


class LivePage(Page):
    """The trace, the two counts, and what it heard."""

    key: ClassVar[str] = "live"
    icon: ClassVar[str] = "audio-lines"
    fills: ClassVar[bool] = True

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(studio, parent)
        self._session: Session | None = None
        self._run: Run | None = None
        self._learned: dict[int, list[int]] = {}
        self._left_running = False
        self._make_microphones()
        self._empty = EmptyState(
            "audio-lines",
            self.tr("There is no wake word to try yet"),
            self.tr("Train it once. Then this page listens as the device will."),
        )
        self._to_train = self._empty.add_button(self.tr("Go to Train"), self._go_to_train, icon="brain")
        self.content.addWidget(self._empty, 1)
        self._all = QWidget()
        column = QVBoxLayout(self._all)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Theme.current().u(4))
        column.addWidget(self._make_stage())
        column.addLayout(self._make_counts())
        self.content.addWidget(self._all)
        self.content.addStretch(0)
        self._drawing = QTimer(self)
        self._drawing.setInterval(_DRAW_MS)
        self._drawing.timeout.connect(self._trace.draw)
        live = studio.live
        live.listening.connect(self._on_listening)
        live.traced.connect(self._on_trace)
        live.levels.connect(self._on_levels)
        live.woke.connect(self._on_woke)
        live.counted.connect(self._show_counts)
        live.stopped.connect(self._on_stopped)
        live.trouble.connect(self._on_trouble)
        studio.session_closed.connect(self._forget)
        self._show_running()
        self._show_counts(live.counters)

    def title(self) -> str:
        """Live test."""
        return self.tr("Live test")

    def sentence(self) -> str:
        """What it is."""
        return self.tr("The finished file, listening as the device will: same steps, same decision.")

    def primary(self) -> Button | None:
        """Start, and after ten times on to the device; or the way to a first file."""
        if self._run is None:
            return self._to_train
        return next((button for button in (self._start, self._deploy) if button.kind == "primary"), None)

    def main_control(self) -> QWidget | None:
        """The button that starts and stops."""
        return self._start if self._run is not None else self._to_train

    def entered(self, argument: str) -> None:  # noqa: ARG002 - nothing leads to a part of it
        """Look which file there is, and which microphones."""
        self._session = self.studio.session
        self._run = deliverable_run(self._session.project) if self._session is not None else None
        self._empty.setVisible(self._run is None)
        self._all.setVisible(self._run is not None)
        self.microphones.setVisible(self._run is not None)
        if self._run is not None:
            from mww_studio.audio.devices import microphones

            self.studio.background.run(microphones, self._show_microphones, self._on_trouble, "live microphones")
        self._show_running()

    def left(self) -> None:
        """Stop listening, unless it was left running for hours."""
        self._drawing.stop()
        self.studio.player.stop()
        if not self.studio.live.soaking:
            self.studio.live.stop()

    def escape(self) -> bool:
        """Stop listening."""
        if self.studio.live.running:
            self.studio.live.stop()
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space starts and stops, M says that it should have woken."""
        if not event.isAutoRepeat() and not event.modifiers():
            if event.key() == Qt.Key.Key_Space and self._run is not None:
                self._toggle()
                return
            if event.key() == Qt.Key.Key_M and self._missed.isEnabled():
                self._say_missed()
                return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In little room the list stands under the counts."""
        super().resizeEvent(event)
        beside = event.size().width() >= Theme.current().u(_BESIDE_FROM_U)
        self._pair.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)

    # -- how it is made

    def _make_microphones(self) -> None:
        self.microphones = Combo()
        self.microphones.setAccessibleName(self.tr("Microphone"))
        self.microphones.setMaximumWidth(Theme.current().u(64))
        self.microphones.activated.connect(self._choose_microphone)
        self.actions.addWidget(self.microphones)

    def _make_stage(self) -> Card:
        u = Theme.current().u
        card = Card(self.tr("How sure it is"))
        self._line = Caption()
        self._state = Label(role="strong", colour="ok")
        self._clock = Caption()
        for label in (self._line, self._state, self._clock):
            card.header.addWidget(label)
        self._trace = LiveTrace()
        self._trace.setMinimumHeight(u(52))
        card.body.addWidget(self._trace)
        self._meter = Meter()
        card.body.addWidget(self._meter)
        row = QHBoxLayout()
        row.setSpacing(u(2))
        flow = FlowLayout()
        self._start = Button("", "primary", "play", big=True)
        self._start.setToolTip(self.tr("Space"))
        self._start.clicked.connect(self._toggle)
        self._missed = Button(self.tr("I said it and it did not wake"), icon="ear-off", big=True)
        self._missed.setToolTip(self.tr("M"))
        self._missed.clicked.connect(self._say_missed)
        self._deploy = Button(self.tr("Deploy"), icon="cpu", big=True)
        self._deploy.clicked.connect(self._go_to_deploy)
        self._soak = Button(self.tr("Leave it running…"), "quiet", "moon")
        self._soak.clicked.connect(self._toggle_soak)
        self._details = Button(self.tr("Details"), "quiet", "sliders-horizontal")
        self._details.clicked.connect(self._toggle_details)
        for button in (self._start, self._missed, self._deploy, self._soak, self._details):
            flow.addWidget(button)
        row.addLayout(flow, 1)
        card.body.addLayout(row)
        card.body.addWidget(self._make_soak())
        card.body.addWidget(self._make_details())
        return card

    def _make_soak(self) -> QWidget:
        self._soak_panel = QWidget()
        row = FlowLayout(self._soak_panel)
        self._hours = Spin(1, _LONGEST_H, _SOAK_H, self.tr("\u00a0hours"))
        row.addWidget(label_for(self.tr("Leave it running for"), self._hours))
        row.addWidget(self._hours)
        begin = Button(self.tr("Begin"), icon="moon")
        begin.clicked.connect(self._begin_soak)
        row.addWidget(begin)
        row.addWidget(
            Caption(
                self.tr("Nobody should say the wake word meanwhile. It keeps 3 seconds around each wake, nothing else.")
            )
        )
        self._soak_panel.hide()
        return self._soak_panel

    def _make_details(self) -> QWidget:
        self._details_panel = QWidget()
        row = FlowLayout(self._details_panel)
        self._gain = Spin(GAINS.start, GAINS.stop - 1, 1)
        self._gain.valueChanged.connect(self.studio.live.set_gain)
        row.addWidget(label_for(self.tr("Gain, as gain_factor of the device"), self._gain))
        row.addWidget(self._gain)
        self._runtime = Caption()
        row.addWidget(self._runtime)
        self._details_panel.hide()
        return self._details_panel

    def _make_counts(self) -> QBoxLayout:
        u = Theme.current().u
        self._pair = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._pair.setSpacing(u(4))
        numbers = QVBoxLayout()
        numbers.setSpacing(u(4))
        self._heard = NumberCard(self.tr("Said and heard"))
        self._mistakes = NumberCard(self.tr("Woke by mistake"))
        numbers.addWidget(self._heard)
        numbers.addWidget(self._mistakes)
        numbers.addStretch(1)
        self._wakes = WakeList()
        self._wakes.play.connect(self._play)
        self._wakes.judged.connect(self._judge)
        self._pair.addLayout(numbers, 2)
        self._pair.addWidget(self._wakes, 3, Qt.AlignmentFlag.AlignTop)
        return self._pair

    # -- listening

    def _toggle(self) -> None:
        if self.studio.live.running:
            self.studio.live.stop()
        elif self._run is not None:
            self._begin()
            self.studio.live.start(self._manifest(), self.microphones.key, self._gain.value())
            self._show_running()

    def _begin_soak(self) -> None:
        if self._run is None or self._session is None:
            return
        self._soak_panel.hide()
        stamp = datetime.now().astimezone().strftime("%Y-%m-%d-%H%M%S")
        folder = self._session.project.run_folder(self._run.id) / "soak" / stamp
        self._begin()
        self._left_running = True
        self.studio.live.soak(self._manifest(), self._hours.value(), folder, self.microphones.key, self._gain.value())
        self._show_running()

    def _begin(self) -> None:
        self.show_message(None)
        self._left_running = False
        self._learned.clear()
        self._wakes.clear()
        self._trace.clear_trace()

    def _manifest(self) -> Path:
        assert self._session is not None  # noqa: S101 - asked before
        assert self._run is not None  # noqa: S101 - asked before
        return bundle_files(
            self._session.project.run_folder(self._run.id) / FILES, self._session.info.wake_word
        ).manifest

    def _on_listening(self, listening: Listening) -> None:
        self._trace.set_cutoff(100 * listening.cutoff)
        said = self.tr("wakes above the dashed line: cut-off {cutoff}")
        self._line.setText(said.format(cutoff=cutoff_text(listening.cutoff)))
        self._runtime.setText(self.tr("Run by {runtime}.").format(runtime=listening.runtime))
        self._state.setText(self.tr("Left running") if self.studio.live.soaking else self.tr("Listening"))
        if self._session is not None and self._run is not None:
            self._session.mark_tried(self._run.id)

    def _on_trace(self, trace: Trace) -> None:
        self._trace.add(trace)

    def _on_levels(self, rms_dbfs: float, peak_dbfs: float) -> None:
        if self.isVisible():
            self._meter.set_levels(rms_dbfs, peak_dbfs)

    def _on_woke(self, wake: Wake) -> None:
        self._wakes.add(wake, mistake=self.studio.live.soaking)
        announce(self, self.tr("It woke."))

    def _on_stopped(self, counters: Counters) -> None:
        self._show_running()
        if not counters.seconds or self.message is not None:
            return
        mistakes = self.tr("{count} in {time}").format(
            count=QLocale().toString(counters.mistakes), time=time_text(counters.seconds)
        )
        said = self.tr("Heard {heard}, woke by mistake {mistakes}").format(
            heard=of(counters.heard, counters.said), mistakes=mistakes
        )
        if counters.hours < 1:
            advice = self.tr("For a sure answer leave it running 6 hours.")
        else:
            advice = self.tr("That proves fewer than {bound} an hour.").format(
                bound=QLocale().toString(counters.bound_per_hour, "f", 1)
            )
        message = Message("info", said, advice)
        if self._left_running and counters.mistakes:
            message.add_button(self.tr("Choose what it learns"), self._go_to_mining, icon="search")
        self.show_message(message)
        announce(self, said)

    def _on_trouble(self, error: StudioError) -> None:
        message = self.show_error(error)
        message.add_button(self.tr("Look again"), self._look_again)
        announce(self, message.accessibleName(), at_once=True)

    def _look_again(self) -> None:
        self.show_message(None)
        self.entered("")

    def _say_missed(self) -> None:
        self.studio.live.say_missed()

    def _judge(self, wake: Wake, mistake: bool) -> None:
        """A mistake becomes a near-sounding sample that the next training learns from; a wake of mine is none."""
        self.studio.live.mark(wake.number, mistake=mistake)
        self._wakes.set_mistake(wake.number, mistake=mistake)
        session = self._session
        if session is None:
            return
        if mistake:
            made = session.add_clips([heard_mistake(wake.pcm)], self.tr("Learn from a mistake"))
            self._learned[wake.number] = [clip.id for clip in made]
            self.studio.say(self.tr("The next training learns from this mistake."), undo=bool(made))
        elif made_ids := self._learned.pop(wake.number, []):
            session.trash(made_ids)

    def _play(self, pcm: Pcm) -> None:
        self.studio.player.play(pcm)

    # -- what it shows

    def _show_running(self) -> None:
        running, soaking = self.studio.live.running, self.studio.live.soaking
        self._start.setText(self.tr("Stop listening") if running else self.tr("Start listening"))
        self._start.set_icon("square" if running else "play")
        self._missed.setEnabled(running and not soaking)
        self._soak.setEnabled(not running)
        self.microphones.setEnabled(not running)
        if running and not self._state.text():
            self._state.setText(self.tr("Starting…"))
        elif not running:
            self._state.setText("")
            self._meter.clear_levels()
        if running and self.isVisible():
            self._drawing.start()
        else:
            self._drawing.stop()
            self._trace.draw()
        self._show_next()

    def _show_next(self) -> None:
        """Start is the thing to do, and after ten times the device."""
        enough = self.studio.live.counters.said >= ENOUGH_SAID
        self._deploy.setVisible(enough)
        self._deploy.set_kind("primary" if enough else "normal")
        self._start.set_kind("normal" if enough or self.studio.live.running else "primary")

    def _show_counts(self, counters: Counters) -> None:
        self._clock.setText(clock_text(counters.seconds) if self.studio.live.running else "")
        said = counters.said
        heard = self.tr("Say the wake word the way you will later, from different places.")
        if said:
            words = {0: self.tr("no miss marked by you"), 1: self.tr("1 miss marked by you")}
            many = self.tr("{count} misses marked by you").format(count=counters.missed)
            heard = words.get(counters.missed, many)
        state = "none" if not said else "ok" if counters.missed * ENOUGH_SAID <= said else "warn"
        self._heard.set(state, of(counters.heard, said) if said else "–", heard)
        rate = count_rate(counters.hours, counters.mistakes)
        time = time_text(counters.seconds)
        count = self.tr("{count} in {time}").format(count=QLocale().toString(counters.mistakes), time=time)
        worth = proves(rate) if counters.hours >= 1 else self.tr("6 hours without one prove fewer than 0.5 an hour")
        state = "warn" if counters.mistakes else "ok" if counters.seconds else "none"
        self._mistakes.set(state, count if counters.seconds else "–", worth)
        if counters.lost:
            self._runtime.setText(
                self.tr("The computer lost a bit of sound {count} times.").format(count=counters.lost)
            )
        self._trace.say_peak()
        self._show_next()

    def _show_microphones(self, found: list[Microphone]) -> None:
        chosen = self.microphones.key or self.studio.settings.microphone
        self.microphones.clear()
        for microphone in found:
            self.microphones.add(microphone.name, microphone.name)
        if not self.microphones.set_key(chosen):
            default = next((microphone.name for microphone in found if microphone.default), "")
            self.microphones.set_key(default)
        if not found:
            self.microphones.add("", self.tr("No microphone"))

    def _choose_microphone(self) -> None:
        self.studio.settings.microphone = self.microphones.key

    def _toggle_soak(self) -> None:
        self._soak_panel.setVisible(not self._soak_panel.isVisible())
        self._hours.setFocus()

    def _toggle_details(self) -> None:
        self._details_panel.setVisible(not self._details_panel.isVisible())

    def _forget(self) -> None:
        self.studio.live.stop()
        self._session = self._run = None
        self._begin()

    def _go_to_mining(self) -> None:
        self.navigate.emit("mining", "soak")

    def _go_to_train(self) -> None:
        self.navigate.emit("train", "")

    def _go_to_deploy(self) -> None:
        self.navigate.emit("deploy", "")
