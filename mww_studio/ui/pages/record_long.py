"""Long recordings: other talk while somebody reads or tells something, and what a room sounds like."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from mww_studio.audio.quality import judge
from mww_studio.audio.take_loop import Pcm
from mww_studio.constitution.articles import law
from mww_studio.errors import StudioError
from mww_studio.project.records import ClipKind, NewClip, pcm_sha256
from mww_studio.services.recorder import LongRecording
from mww_studio.services.studio import Studio
from mww_studio.ui.pages.record_loop import SOURCE, Moment
from mww_studio.ui.pages.record_words import (
    NOTHING,
    Action,
    Answer,
    fault,
    long_kept,
    not_written,
    taken_back,
    without_microphone,
)

ROOM_S = 60.0
_LEAST_S = 3.0


@dataclass(frozen=True)
class LongTask:
    """What is recorded: other talk of ``speaker`` under a ``title``, or the sound of a room, by nobody."""

    kind: ClipKind
    speaker: str | None = None
    title: str = ""

    @property
    def limit_s(self) -> float | None:
        """After how long it ends by itself."""
        return ROOM_S if self.kind is ClipKind.AMBIENCE else None


class LongRound(QObject):
    """One long recording after the other; like :class:`Round`, it has a moment, a prompt and an answer.

    ``kept`` says that a recording is on the disk.
    """

    changed = Signal()
    kept = Signal()

    def __init__(self, studio: Studio, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.moment = Moment.READY
        self.answer = NOTHING
        self.pcm: Pcm | None = None
        self.elapsed_s = 0.0
        self._studio = studio
        self._task: LongTask | None = None
        self._new: NewClip | None = None
        self._counts = False
        self._microphone = ""
        studio.recorder.recorded.connect(self._judge)
        studio.recorder.elapsed.connect(self._count)

    @property
    def task(self) -> LongTask | None:
        """What is recorded; None: nothing can be."""
        return self._task

    @property
    def left_s(self) -> float:
        """How long it still takes, where it ends by itself; else how long it took so far."""
        limit_s = self._task.limit_s if self._task else None
        return self.elapsed_s if limit_s is None else limit_s - self.elapsed_s

    @property
    def prompt(self) -> str:
        """What the person is to do now, in a few words."""
        room = self._task is not None and self._task.kind is ClipKind.AMBIENCE
        match self.moment:
            case Moment.NO_MICROPHONE:
                return self.tr("Waiting for a microphone")
            case Moment.LISTENING:
                return self.tr("Leave the room as it is") if room else self.tr("Read at your own pace")
        return self.tr("Press Space, then be quiet") if room else self.tr("Press Space, then read aloud")

    def record(self, task: LongTask | None) -> None:
        """Record something else from now on."""
        self.pause()
        self._task, self._new, self.pcm, self._counts, self.elapsed_s = task, None, None, False, 0.0
        if self.moment is not Moment.NO_MICROPHONE:
            self.answer = NOTHING
        self.changed.emit()

    def then(self, task: LongTask) -> None:
        """Record something else next; what was said about the last recording stays."""
        self._task = task
        self.changed.emit()

    def set_microphone(self, name: str) -> None:
        """A microphone is there and listens."""
        self._microphone = name
        if self.moment is Moment.NO_MICROPHONE:
            self.moment, self.answer = Moment.READY, NOTHING
        self.changed.emit()

    def lose_microphone(self, error: StudioError) -> None:
        """There is none, or it is gone; what it sent before is kept."""
        self.moment, self.answer = Moment.NO_MICROPHONE, without_microphone(error)
        self.changed.emit()

    def press(self) -> None:
        """Start a recording, or end the one that is under way."""
        if self.moment is Moment.LISTENING:
            self.pause()
        elif self.moment is Moment.READY and self._task is not None:
            self._studio.player.stop()
            self._new, self.pcm, self._counts, self.elapsed_s = None, None, False, 0.0
            self.moment = Moment.LISTENING
            self.answer = Answer("", self.tr("Listening…"), self._while_listening())
            self._studio.recorder.start_long(self._task.limit_s)
            self.changed.emit()

    def pause(self) -> None:
        """End the recording that is under way; what was said so far is kept."""
        if self.moment is Moment.LISTENING:
            self._studio.recorder.stop_long()

    def play(self) -> None:
        """Let the last recording be heard."""
        self.pause()
        if self.pcm is not None:
            self._studio.player.play(self.pcm)

    def keep(self) -> None:
        """Count the last recording although it is a bad one, and mark it."""
        self.pause()
        if self._new is not None and not self._counts and Action.KEEP in self.answer.actions:
            self._commit(self._new, on_purpose=True)
            self.changed.emit()

    def take_back(self) -> None:
        """Take the last recording out again; it waits in the trash."""
        self.pause()
        session = self._studio.session
        if self._counts and session is not None and session.take_back_last() is not None:
            self._counts, self._new, self.pcm = False, None, None
            self.answer = taken_back(None)
            self.changed.emit()

    def skip(self) -> None:
        """Nothing: another passage is chosen from the list."""

    def _while_listening(self) -> str:
        if self._task is not None and self._task.limit_s is not None:
            return self.tr("It ends by itself.")
        return self.tr("Press Space when you are through.")

    def _count(self, seconds: float) -> None:
        if self.moment is Moment.LISTENING:
            self.elapsed_s = seconds

    def _judge(self, recording: LongRecording) -> None:
        task = self._task
        if self.moment is not Moment.LISTENING or task is None:
            return
        self.moment = Moment.READY
        pcm = recording.pcm
        seconds = len(pcm) / law().frontend.sample_rate_hz
        quality = judge(pcm, None, None, task.kind)
        problems = {problem.code for problem in quality.problems}
        if seconds < _LEAST_S:
            self.answer = Answer("", self.tr("Stopped"), self.tr("That was too short to keep."))
        elif "silent" in problems:
            self.answer = fault("nothing", "", self._microphone, again=False)
        else:
            self.pcm = pcm
            new = NewClip(task.kind, pcm, pcm_sha256(pcm), SOURCE, quality, speaker=task.speaker, note=task.title)
            self._new = new
            if recording.lost:
                self.answer = fault("overflow", "", self._microphone, again=False)
            elif "clipped" in problems:
                self.answer = fault("clipped", "", self._microphone, again=False)
            else:
                self._commit(new, on_purpose=False)
        self.changed.emit()

    def _commit(self, new: NewClip, *, on_purpose: bool) -> None:
        session = self._studio.session
        if session is None:
            return
        try:
            clip = session.add_take(replace(new, kept=on_purpose))
        except StudioError as error:
            self.answer = not_written(error)
            return
        self._counts = True
        self.answer = long_kept(clip.duration_s, on_purpose=on_purpose, speech=new.kind is ClipKind.SPEECH)
        self.kept.emit()
