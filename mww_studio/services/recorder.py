"""The microphone, for the window: levels and waves while someone looks, takes, long recordings, the room's noise."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from mww_studio.audio.capture import Capture
from mww_studio.audio.devices import Microphone, MicrophoneWatch
from mww_studio.audio.levels import RollingEnvelope, peak_dbfs, rms_dbfs, room_noise
from mww_studio.audio.take_loop import SpeechBegan, TakeLoop
from mww_studio.constitution.articles import law
from mww_studio.errors import StudioError

Pcm = npt.NDArray[np.int16]

TICK_MS = 33
WAVE_S = 3.0
LONGEST_S = 1800.0


@dataclass(frozen=True)
class LongRecording:
    """What was heard from start to end: ``pcm`` int16 [samples], 16 kHz mono, and how many gaps are in it."""

    pcm: Pcm
    lost: int


class Recorder(QObject):
    """One microphone at a time. No method waits for a device, and no device can hold up the window.

    ``opened`` (str): the microphone of that name hears. ``levels`` (rms and peak in dBFS) and ``wave`` (float32
    [columns, 2], lowest and highest of each 10 ms of the last WAVE_S seconds, full scale 1) come 30 times a second, and
    with them ``sound``, the int16 [samples] that are new.
    ``listening``: a take began; ``speech_began``: someone speaks in it; ``heard`` (TakeOutcome): it is over.
    ``elapsed`` (float): how many seconds a long recording has; ``recorded`` (LongRecording): it is over.
    ``room`` (RoomNoise): the room was measured. ``trouble`` (StudioError): ``audio.no_microphone``, ``audio.busy``,
    ``audio.refused`` or ``audio.stopped``; a take under way is dropped, of a long recording comes what there is.
    A microphone that is missing is opened by itself when it is plugged in. ``microphones_changed``: look at
    :attr:`microphones`.
    """

    opened = Signal(str)
    levels = Signal(float, float)
    wave = Signal(object)
    sound = Signal(object)
    listening = Signal()
    speech_began = Signal()
    heard = Signal(object)
    elapsed = Signal(float)
    recorded = Signal(object)
    room = Signal(object)
    trouble = Signal(object)
    microphones_changed = Signal()
    _seen = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.microphones: list[Microphone] = []
        self.error: StudioError | None = None
        self._capture: Capture | None = None
        self._watch: MicrophoneWatch | None = None
        self._wanted = ""
        self._ready = self._absent = False
        self._loop = TakeLoop()
        self._envelope = RollingEnvelope(WAVE_S)
        self._long: _Collected | None = None
        self._room: _Collected | None = None
        self._lost = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._seen.connect(self._on_seen)

    @property
    def microphone(self) -> str:
        """The name of the microphone that hears; empty if none does."""
        return self._capture.name if self._capture is not None and self._ready else ""

    @property
    def taking(self) -> bool:
        """Whether a take is under way."""
        return self._loop.listening

    @property
    def recording(self) -> bool:
        """Whether a long recording is under way."""
        return self._long is not None

    def open(self, microphone: str | None = None) -> None:
        """Open a microphone by its name, or the system's default. ``opened`` or ``trouble`` follows."""
        self.close()
        self._wanted = microphone or ""
        self._capture = Capture(self._wanted)
        self._timer.start()

    def close(self) -> None:
        """Let the microphone go; what was under way is dropped, a long recording is handed over."""
        self._timer.stop()
        self.stop_long()
        if self._watch is not None:
            self._watch.close()
        if self._capture is not None:
            self._capture.close()
        self._watch = self._capture = self._room = self.error = None
        self._ready = False
        self._lost = 0
        self._loop = TakeLoop()
        self._envelope = RollingEnvelope(WAVE_S)

    def shut_down(self) -> None:
        """The last call before the program ends."""
        self.close()

    def start_take(self) -> None:
        """Listen for one saying of the wake word. ``listening`` comes at once, ``heard`` when it is over."""
        if not self._hears():
            return
        self._loop.start()
        self.listening.emit()

    def stop_take(self) -> None:
        """Drop the take that is under way; nothing is heard of it any more."""
        self._loop.drop()

    def start_long(self, seconds: float | None = None) -> None:
        """Record for ``seconds``, or until :meth:`stop_long`, and never for longer than LONGEST_S."""
        if self._hears():
            self._long = _Collected(seconds or LONGEST_S)

    def stop_long(self) -> None:
        """End the long recording that is under way; ``recorded`` comes at once."""
        collected, self._long = self._long, None
        if collected is not None:
            self.recorded.emit(LongRecording(collected.pcm(), collected.lost))

    def measure_room(self, seconds: float = 3.0) -> None:
        """Listen to the room, in which nobody should speak; ``room`` follows."""
        if self._hears():
            self._room = _Collected(seconds)

    def _hears(self) -> bool:
        """Whether the microphone hears; if not, the trouble is told again."""
        if self.error is not None:
            self.trouble.emit(self.error)
        return self._ready

    def _tick(self) -> None:
        capture = self._capture
        if capture is None:
            return
        try:
            pcm = capture.read()
        except StudioError as error:
            self._fail(capture, error)
            return
        if capture.opened and not self._ready:
            self._ready = True
            self._show(capture.microphones)
            self.opened.emit(capture.name)
        if len(pcm):
            self._take_in(pcm, capture.lost)

    def _take_in(self, pcm: Pcm, lost: int) -> None:
        gaps, self._lost = lost - self._lost, lost
        if gaps:
            self._loop.lose()
        for event in self._loop.feed(pcm):
            if isinstance(event, SpeechBegan):
                self.speech_began.emit()
            else:
                self.heard.emit(event)
        self._envelope.feed(pcm)
        self.levels.emit(rms_dbfs(pcm), peak_dbfs(pcm))
        self.wave.emit(self._envelope.columns)
        self.sound.emit(pcm)
        if self._long is not None:
            full = self._long.add(pcm, gaps)
            self.elapsed.emit(self._long.seconds)
            if full:
                self.stop_long()
        if self._room is not None and self._room.add(pcm, gaps):
            measured, self._room = self._room, None
            self.room.emit(room_noise(measured.pcm()))

    def _fail(self, capture: Capture, error: StudioError) -> None:
        found = capture.microphones
        self.close()
        self.error = error
        self._show(found)
        self.trouble.emit(error)
        # A slot may have opened another one meanwhile.
        if self.error is error and error.code in ("audio.no_microphone", "audio.stopped"):
            # One that is plugged in and silent would only fall silent again: the person looks after it first.
            self._absent = error.code == "audio.no_microphone"
            self._watch = MicrophoneWatch(self._seen.emit)

    def _on_seen(self, microphones: list[Microphone]) -> None:
        if self._watch is None:
            return
        self._show(microphones)
        there = any(self._wanted in ("", each.name) for each in microphones)
        if there and self._absent:
            self.open(self._wanted)
        self._absent = not there

    def _show(self, microphones: list[Microphone]) -> None:
        if microphones != self.microphones:
            self.microphones = microphones
            self.microphones_changed.emit()


class _Collected:
    """Sound up to a length."""

    def __init__(self, seconds: float) -> None:
        self._rate = law().frontend.sample_rate_hz
        self._wanted = round(seconds * self._rate)
        self._blocks: list[Pcm] = []
        self._count = 0
        self.lost = 0

    @property
    def seconds(self) -> float:
        return min(self._count, self._wanted) / self._rate

    def add(self, pcm: Pcm, gaps: int) -> bool:
        """Whether it is full now."""
        self._blocks.append(pcm)
        self._count += len(pcm)
        self.lost += gaps
        return self._count >= self._wanted

    def pcm(self) -> Pcm:
        return np.concatenate([*self._blocks, np.zeros(0, np.int16)])[: self._wanted]
