"""The live test, for the window: a thread listens as the device would, and this counts what comes of it."""

import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QThread, Signal

from mww_studio.errors import StudioError
from mww_studio.evaluation.live_session import LiveSession, Moment, Wake
from mww_studio.services.background import crashed

Pcm = npt.NDArray[np.int16]

MISSED_S = 4.0


@dataclass(frozen=True)
class Listening:
    """What listens: the wake word, the cut-off from 0 to 1 above which it wakes, the microphone, what runs the model,
    and the time between two inferences."""

    wake_word: str
    cutoff: float
    cutoff_byte: int
    step_s: float
    microphone: str
    runtime: str


@dataclass(frozen=True)
class Counters:
    """What the live test has come to. ``missed``: it was said and it did not wake; ``mistakes``: it was not said."""

    wakes: int = 0
    missed: int = 0
    mistakes: int = 0
    seconds: float = 0.0
    lost: int = 0

    @property
    def heard(self) -> int:
        """How often it woke when it was said."""
        return self.wakes - self.mistakes

    @property
    def said(self) -> int:
        """How often it was said."""
        return self.heard + self.missed

    @property
    def hours(self) -> float:
        """How long it listened."""
        return self.seconds / 3600

    @property
    def bound_per_hour(self) -> float:
        """Mistakes prove fewer than so many an hour (95 %); infinite before anything was heard."""
        from mww_studio.evaluation.statistics import poisson_upper

        return poisson_upper(self.mistakes, self.hours)


class LiveTest(QObject):
    """Listens with one model at a time. No method waits for a device or a model.

    ``listening`` (Listening): it has begun to hear. ``traced`` (Trace) and ``levels`` (rms and peak in dBFS) come 15
    times a second, ``woke`` (Wake) at once, ``counted`` (Counters) with each event and each second. ``stopped``
    (Counters): it hears no more, because it was asked to, because the soak is over, or after ``trouble`` (StudioError).
    """

    listening = Signal(object)
    traced = Signal(object)
    levels = Signal(float, float)
    woke = Signal(object)
    counted = Signal(object)
    stopped = Signal(object)
    trouble = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.counters = Counters()
        self.soaking = False
        self._ear: _Ear | None = None
        self._leaving: list[_Ear] = []
        self._ends_at_s = 0.0
        self._mistakes: set[int] = set()
        self._missed = 0

    @property
    def running(self) -> bool:
        """Whether it listens, or is about to."""
        return self._ear is not None

    def start(self, manifest: Path, microphone: str | None = None, gain: int = 1) -> None:
        """Listen with a model until :meth:`stop`, as a device with that gain_factor. Counting begins anew."""
        self._begin(_Ear(manifest, microphone or "", gain, None, self))

    def soak(self, manifest: Path, hours: float, folder: Path, microphone: str | None = None, gain: int = 1) -> None:
        """Listen for some hours and keep in ``folder`` the 3 s that led to each wake, nothing else.

        Nobody is expected to say the wake word, so each wake counts as a mistake until :meth:`mark` says otherwise.
        """
        self._begin(_Ear(manifest, microphone or "", gain, folder, self))
        self.soaking = True
        self._ends_at_s = hours * 3600

    def stop(self) -> None:
        """Hear no more; ``stopped`` comes at once."""
        ear, self._ear = self._ear, None
        self.soaking = False
        if ear is None:
            return
        ear.leave()
        self._leaving.append(ear)
        self._count()
        self.stopped.emit(self.counters)

    def set_gain(self, gain: int) -> None:
        """Hear louder from now on: the device's gain_factor."""
        if self._ear is not None:
            self._ear.set_gain(gain)

    def say_missed(self) -> Pcm:
        """“I said it and it did not wake.” Counts it, and returns what was heard last: int16 [samples], 16 kHz mono."""
        self._missed += 1
        self._count()
        return self._ear.recent(MISSED_S) if self._ear is not None else np.zeros(0, np.int16)

    def mark(self, number: int, *, mistake: bool) -> None:
        """Say of a wake whether it was a mistake: “That was wrong”, or “That was me”."""
        if mistake:
            self._mistakes.add(number)
        else:
            self._mistakes.discard(number)
        self._count()

    def shut_down(self) -> None:
        """Stop, and wait for the threads: the last call before the program ends."""
        self.stop()
        for ear in self._leaving:
            ear.wait()
        self._leaving.clear()

    def _begin(self, ear: "_Ear") -> None:
        self.stop()
        self.counters = Counters()
        self._mistakes.clear()
        self._missed = 0
        self._ends_at_s = float("inf")
        self._ear = ear
        ear.opened.connect(self._on_opened)
        ear.heard.connect(self._on_heard)
        ear.failed.connect(self._on_failed)
        ear.finished.connect(self._on_finished)
        ear.start()

    def _on_opened(self, ear: "_Ear", listening: Listening) -> None:
        if ear is self._ear:
            self.listening.emit(listening)

    def _on_heard(self, ear: "_Ear", moments: "deque[Moment]") -> None:
        while moments and ear is self._ear:
            self._take_in(moments.popleft())

    def _take_in(self, moment: Moment) -> None:
        self.traced.emit(moment.trace)
        self.levels.emit(moment.rms_dbfs, moment.peak_dbfs)
        for wake in moment.wakes:
            self._wake(wake)
        if int(moment.seconds) != int(self.counters.seconds) or moment.lost != self.counters.lost:
            self._count(moment)
        if moment.seconds >= self._ends_at_s:
            self.stop()

    def _wake(self, wake: Wake) -> None:
        if self.soaking:
            self._mistakes.add(wake.number)
        self.counters = Counters(wake.number, self._missed, len(self._mistakes), wake.time_s, self.counters.lost)
        self.woke.emit(wake)
        self.counted.emit(self.counters)

    def _count(self, moment: Moment | None = None) -> None:
        last = self.counters
        seconds, lost = (moment.seconds, moment.lost) if moment else (last.seconds, last.lost)
        self.counters = Counters(last.wakes, self._missed, len(self._mistakes), seconds, lost)
        self.counted.emit(self.counters)

    def _on_failed(self, ear: "_Ear", error: StudioError) -> None:
        if ear is self._ear:
            self.trouble.emit(error)
            self.stop()

    def _on_finished(self) -> None:
        gone = [ear for ear in self._leaving if ear.isFinished()]
        self._leaving = [ear for ear in self._leaving if ear not in gone]
        for ear in gone:
            ear.deleteLater()


class _Ear(QThread):
    """The thread that listens. Its signals carry itself, so that what a former one said late is not mixed up."""

    opened = Signal(object, object)
    heard = Signal(object, object)
    failed = Signal(object, object)

    def __init__(self, manifest: Path, microphone: str, gain: int, folder: Path | None, parent: QObject) -> None:
        super().__init__(parent)
        self._manifest = manifest
        self._microphone = microphone
        self._gain = gain
        self._folder = folder
        self._stop = threading.Event()
        self._session: LiveSession | None = None
        self._moments: deque[Moment] = deque()

    def leave(self) -> None:
        """Come to an end soon; nothing is heard of it any more."""
        self._stop.set()

    def set_gain(self, gain: int) -> None:
        self._gain = gain
        if self._session is not None:
            self._session.detector.gain = gain

    def recent(self, seconds: float) -> Pcm:
        return self._session.recent(seconds) if self._session is not None else np.zeros(0, np.int16)

    def run(self) -> None:
        """Listen until asked to leave."""
        try:
            session = LiveSession(self._manifest, self._microphone, self._gain)
            session.keep_in(self._folder)
            self._session = session
            for number, moment in enumerate(session.listen(self._stop)):
                if number == 0:
                    self.opened.emit(self, _listening(session))
                self._moments.append(moment)
                self.heard.emit(self, self._moments)
        except StudioError as error:
            self.failed.emit(self, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the person must hear of it
            self.failed.emit(self, crashed(error))


def _listening(session: LiveSession) -> Listening:
    ear = session.detector
    return Listening(ear.wake_word, ear.cutoff, ear.cutoff_byte, ear.step_s, session.microphone, ear.runtime)
