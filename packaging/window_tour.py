"""A walk through the window that takes a picture of every state; screenshots.py says of which pages and where."""

import contextlib
import importlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEventLoop, QPoint, QSettings, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QSlider

from mww_studio.audio.files import Pcm, read_audio
from mww_studio.errors import StudioError
from mww_studio.presets import load_preset
from mww_studio.progress import Progress
from mww_studio.project.records import ClipKind, Judgement
from mww_studio.services.settings import Settings
from mww_studio.services.studio import Studio
from mww_studio.ui.application import make_application
from mww_studio.ui.main_window import MainWindow
from mww_studio.ui.pages.record_loop import Moment
from mww_studio.ui.pages.record_stage import Stage
from mww_studio.ui.pages.train_numbers import HEARD
from mww_studio.ui.theme import Mode, Theme

_RATE_HZ = 16000
_SETTLE_MS, _LOAD_MS = 50, 1500
_LOUD_DBFS, _QUIET_DBFS = -30.0, -50.0
_LAYOUTS = 3  # of a busy page, each of which may ask for another
_PATIENCE_S, _TRAINING_S = 60.0, 900.0
_EVERY_S, _FIRST_S, _TAKES = 2.75, 1.0, 40
_MICROPHONE = "USB microphone"
_SUPPORT = Path(__file__).resolve().parent.parent / "tests" / "support"


@dataclass(frozen=True)
class Album:
    """Where the pictures go, and in which sizes and looks each is taken."""

    folder: Path
    sizes: Sequence[tuple[int, int]]
    looks: Sequence[str]
    scale: str

    def take(self, window: MainWindow, name: str, arrange: Callable[[], None] | None = None) -> None:
        """Take one picture of the window, with what is open above it, in every size and look.

        ``arrange`` brings a state about that does not last; it is called before each of them.
        """
        for (width, height), look in product(self.sizes, self.looks):
            Theme.current().apply(Mode(look))
            window.resize(width, height)
            for _ in range(_LAYOUTS):
                _let_pass(_SETTLE_MS)
            if arrange is not None:
                arrange()
            picture = window.grab()
            painter = QPainter(picture)
            for above in QApplication.topLevelWidgets():
                if above is not window and above.isVisible():
                    place = window.mapFromGlobal(above.mapToGlobal(QPoint()))
                    if isinstance(above, QDialog):
                        place = window.rect().center() - above.rect().center()
                    painter.drawPixmap(place, above.grab())
                    painter.drawRect(above.rect().translated(place))
            painter.end()
            picture.save(str(self.folder / f"{name}-{width}x{height}-{look}-{self.scale}.png"))


def _let_pass(milliseconds: int) -> None:
    """Let the window live on; QTest.qWait would keep Python's other threads waiting."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def walk(album: Album, project: Path, pages: Sequence[str]) -> int:
    """Take the pictures of these pages; returns 1 if a state did not come about, 0 otherwise."""
    application = make_application()
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        tour = Tour(album, Path(folder), project)
        for page in pages:
            try:
                getattr(tour, page)()
            except (LookupError, StudioError, TimeoutError) as error:
                print(f"{page}: {error}", file=sys.stderr)
                failed = True
        tour.end()
    application.processEvents()
    return int(failed)


class Tour:
    """The window with two projects, an empty one and a copy of ``project``; a method for every page."""

    def __init__(self, album: Album, folder: Path, project: Path) -> None:
        self._album = album
        self._empty, self._full = folder / "Good morning house", folder / project.name
        shutil.copytree(project, self._full, ignore=shutil.ignore_patterns("writer.*"))
        settings = Settings(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
        settings.data_folder = Path.home() / "Documents" / "Wake words"
        settings.go_on_by_itself = False
        self._microphone = _microphone(folder)
        if self._microphone is not None:
            settings.microphone = _MICROPHONE
        self._studio = Studio(settings)
        self._peak_dbfs = 0.0
        self._studio.recorder.levels.connect(self._on_levels)
        self._window = MainWindow(self._studio)
        self._window.go("start")
        self._window.show()

    def end(self) -> None:
        """Close everything."""
        self._window.close()
        self._studio.close()
        self._window.deleteLater()

    # The pages ------------------------------------------------------------------------------------------------------

    def frame(self) -> None:
        """What belongs to no project."""
        for page in ("settings", "help", "about"):
            self._go(page)
            self._take(page)
        self._window.show_keys()
        self._take("keys")
        self._press("Close")

    def start(self) -> None:
        """Without any wake word, with one being typed, and with two to go on with."""
        self._studio.close_project()
        page = self._go("start")
        self._take("start-empty")
        page.phrase.setText("Hey Siri")
        page.author.setText("Ben")
        _let_pass(2 * _LOAD_MS)  # the first advice has to learn how words are spoken
        self._take("start-typed")
        page.phrase.clear()
        self._open_empty()
        self._open_full()
        self._go("start")
        self._take("start-recent")

    def record(self) -> None:
        """The first person, no microphone, and takes."""
        self._open_empty()
        self._go("record")
        self._take("record-first-person")
        self._open_full()
        if self._microphone is None:
            self._go("record")
            self._take("record")
            return
        with self._unplugged():
            self._go("record")
            self._wait(lambda: self._moment is Moment.NO_MICROPHONE)
            self._take("record-no-microphone")
        takes = self._takes()
        for name, gain in (("too-loud", 12.0), ("good", 1.0)):
            self._hear([np.clip(take * gain, -32768, 32767) for take in takes])
            self._go("record")
            self._wait(lambda: self._moment is Moment.READY)
            self._take(f"record-{name}", self._say_one)
        self._take("record-listening", self._listen)
        for mode in (ClipKind.SPEECH, ClipKind.AMBIENCE):
            self._go("record", mode)
            self._take(f"record-{mode}")
        self._go("start")

    def samples(self) -> None:
        """Empty, full, close, trimming, adding and the trash."""
        self._open_empty()
        self._go("samples")
        self._take("samples-empty")
        self._open_full()
        page = self._go("samples")
        self._take("samples")
        for argument in ("doubtful", "wake-word"):
            self._go("samples", argument)
            self._take(f"samples-{argument}")
        page.table.selectRow(0)
        self._take("samples-chosen")
        for text, name in (("Trim…", "trim"), ("Do not trim", "closer")):
            self._press(text)
            self._take(f"samples-{name}")
        page.escape()
        self._press("Move to trash")
        self._take("samples-toast")
        page.show_trash(True)
        _let_pass(_LOAD_MS)
        self._take("samples-trash")
        page.take_files([self._full / "audio"], ClipKind.SPEECH)
        self._take("samples-add")
        page.escape()

    def train(self) -> None:
        """Nothing to learn from, ready, all settings, and the runs."""
        self._open_empty()
        self._go("train")
        self._take("train-empty")
        self._open_full()
        self._go("train")
        self._take("train")
        self._press("All settings of this choice")
        self._take("train-settings")
        self._press("All settings of this choice")
        self._go("train", "runs")
        self._take("train-runs")
        self._window.page.escape()

    def results(self) -> None:
        """Empty, the verdict, another cut-off, a closer look, curves, and two runs beside each other."""
        self._open_empty()
        self._go("results")
        self._take("results-empty")
        self._open_full()
        page = self._go("results")
        self._take("results")
        for slider in page.findChildren(QSlider):
            if slider.isVisible():
                slider.setValue(slider.value() + 40)
        _let_pass(_LOAD_MS)
        self._take("results-what-if")
        for text in ("Look closer", "Curves and details", "Compare"):
            with contextlib.suppress(LookupError):  # one run alone is not compared
                self._press(text)
                _let_pass(_LOAD_MS)
                self._take(f"results-{text.lower().replace(' ', '-')}")
                page.escape()

    def live(self) -> None:
        """No file yet, before, listening, and after."""
        self._open_empty()
        self._go("live")
        self._take("live-empty")
        self._open_full()
        if self._microphone is not None:
            self._hear(self._takes())
        self._go("live")
        self._take("live")
        if self._microphone is None:
            return
        self._press("Start listening")
        self._wait(lambda: self._studio.live.counters.seconds > 8 * _EVERY_S)
        self._press("I said it and it did not wake")
        self._take("live-listening")
        self._press("Stop listening")
        self._take("live-stopped")
        self._press("Leave it running…")
        self._take("live-leave-running")

    def deploy(self) -> None:
        """No file yet, checked, every rule, saved, several words over a vendor's configuration, and too many words."""
        self._open_empty()
        self._go("deploy")
        self._take("deploy-empty")
        self._open_full()
        page = self._go("deploy")
        self._wait(lambda: page.primary() is not None)
        self._take("deploy")
        self._press("Show every rule")
        self._take("deploy-rules")
        self._press("Hide the rules")
        self._press("Save the files")
        self._wait(lambda: not self._studio.jobs.busy())
        self._take("deploy-saved")
        device = page.device
        for board, words in (("home-assistant-voice-pe", 2), ("m5stack-atom-echo", 4)):
            device.board.set_key(board)
            device.board.activated.emit(device.board.currentIndex())
            for action in device.menu_of_words.actions()[1 : words + 1]:
                action.trigger()
            self._wait(lambda: page.inspected)
            self._take(f"deploy-{board}")

    def running(self) -> None:
        """A training on its page, in the strip of another one, asked to stop, and stopped."""
        self._open_full()
        job = self._session.train(load_preset("fast_test"))
        self._go("train")
        self._wait(lambda: not job.is_busy or any(figure.name == HEARD for figure in job.figures), _TRAINING_S)
        self._take("train-running")
        self._press("Log")
        self._take("train-log")
        self._go("samples")
        self._take("strip-running")
        QTimer.singleShot(_LOAD_MS, self._ask_to_close)
        self._window.close()
        self._go("train")
        self._press("Cancel training")
        self._wait(lambda: not job.is_busy)
        self._take("train-stopped")

    # What a person would do -----------------------------------------------------------------------------------------

    def _take(self, name: str, arrange: Callable[[], None] | None = None) -> None:
        self._album.take(self._window, name, arrange)

    def _go(self, page: str, argument: str = "") -> Any:
        self._window.go(page, argument)
        _let_pass(_LOAD_MS)
        return self._window.page

    def _press(self, text: str) -> None:
        """Press the first button that is seen and says this, or is called so. Raises LookupError."""
        for above in (QApplication.activeModalWidget(), self._window):
            for button in above.findChildren(QAbstractButton) if above else ():
                if button.isVisible() and button.isEnabled() and text in (button.text(), button.accessibleName()):
                    button.click()
                    _let_pass(_SETTLE_MS)
                    return
        raise LookupError(f"there is no button “{text}”")

    def _ask_to_close(self) -> None:
        """Called inside the question that closing asks."""
        self._take("closing-while-busy")
        self._press("Stay")

    def _wait(self, condition: Callable[[], bool], seconds: float = _PATIENCE_S) -> None:
        end_s = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end_s:
                raise TimeoutError("a state did not come about in time")
            _let_pass(20)

    def _open_empty(self) -> None:
        if self._empty.exists():
            self._studio.open_project(self._empty)
        else:
            self._studio.create_project(self._empty, self._empty.name, "en", "Ben")

    def _open_full(self) -> None:
        self._session = self._studio.open_project(self._full)
        for person in self._session.people():
            if person.consented_at is None:
                self._session.project.set_person(person.name, person.child, consent=True)

    # The microphone -------------------------------------------------------------------------------------------------

    @property
    def _stage(self) -> Stage:
        page: Any = self._window.page
        return page.stage  # type: ignore[no-any-return]

    @property
    def _moment(self) -> Moment:
        return self._stage.round.moment

    def _listen(self) -> None:
        """Begin a take in a pause, and come to the middle of the word."""
        self._stage.round.pause()
        self._wait(lambda: self._peak_dbfs > _LOUD_DBFS)
        self._wait(lambda: self._peak_dbfs < _QUIET_DBFS)
        self._stage.main.click()
        self._wait(lambda: self._peak_dbfs > _LOUD_DBFS)

    def _say_one(self) -> None:
        self._listen()
        self._wait(lambda: self._moment is Moment.JUDGED)

    def _on_levels(self, _rms_dbfs: float, peak_dbfs: float) -> None:
        self._peak_dbfs = peak_dbfs

    def _takes(self) -> list[Pcm]:
        clips = self._session.project.clips(ClipKind.WAKE_WORD)
        good = [clip for clip in clips if clip.judgement is Judgement.GOOD][:_TAKES]
        return [read_audio(self._full / clip.path, Progress()) for clip in good]

    def _hear(self, takes: Sequence[Any]) -> None:
        """Let the microphone hear these from its next opening on, in a quiet room."""
        sound = np.random.default_rng(1).normal(0, 8, round((_FIRST_S + _EVERY_S * (len(takes) + 30)) * _RATE_HZ))
        for number, take in enumerate(takes):
            at = round((_FIRST_S + _EVERY_S * number) * _RATE_HZ)
            sound[at : at + len(take)] += take
        self._go("start")
        self._microphone.say("vmic", np.clip(np.round(sound), -32768, 32767).astype(np.int16))

    @contextlib.contextmanager
    def _unplugged(self) -> Iterator[None]:
        self._microphone.unplug("vmic")
        yield
        self._microphone.plug_in("vmic")


def _microphone(folder: Path) -> Any:
    """A microphone that plays what it is told; None where none can be made."""
    if not sys.platform.startswith("linux"):
        return None
    sys.path.append(str(_SUPPORT))
    try:
        made = importlib.import_module("virtual_microphone").VirtualMicrophones(folder)
    except (ImportError, OSError, RuntimeError) as error:
        print(f"Pictures with a microphone are left out: {error}", file=sys.stderr)
        return None
    config = made.config.read_text("utf-8").replace("pcm.vmic ", f'pcm."{_MICROPHONE}" ')
    made.config.write_text(config.replace('slave.pcm "vmic"', f'slave.pcm "{_MICROPHONE}"'), "utf-8")
    os.environ["ALSA_CONFIG_PATH"] = str(made.config)
    made.reset()
    return made
