"""How quick the window is: first paint, scrolling and filtering a large library, memory, and how late it answers while
it records and a training runs.

Prints a table and writes JSON:
python benchmarks/window.py [--rows 50000] [--training 30] [--minutes 10] [--json FILE]
Without QT_QPA_PLATFORM it draws into memory, so that it runs anywhere. Other work on the computer makes every figure
worse; the seconds of the processor say how much of it is the window's own.
"""

import argparse
import gc
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SIZE = (1280, 800)
FRAMES = 300
STARTS = 4
PATIENCE_S = 120.0
BEAT_MS = 10
MEMORY_CLIPS = 10_000
SEARCHES = ("remarkable", "remarkable 49", "anna", "nothing like this", "")
VISIT_S = 1.5
PRESET = "max_quality"  # long enough for any measurement
RATE, NUMBERS = 16_000, 1 << 16
FIRST_PAINT, PREPARE, VISIT = "--first-paint", "--prepare", "--visit"


def main() -> None:
    if FIRST_PAINT in sys.argv:
        print(*first_paint_s())
        return
    if PREPARE in sys.argv:
        prepare(Path(sys.argv[-1]))
        return
    if VISIT in sys.argv:
        print(visit(Path(sys.argv[-1])))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=50_000, help="of the large library")
    parser.add_argument("--training", type=float, default=30.0, help="seconds of training to watch; 0 leaves it out")
    parser.add_argument("--minutes", type=float, default=0.0, help="of recording during the training")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    options = parser.parse_args()
    starts = [subprocess.check_output([sys.executable, __file__, FIRST_PAINT], text=True) for _ in range(STARTS)]
    paints_s, works_s = zip(*(map(float, start.split()) for start in starts), strict=True)
    figures = {
        f"first paint, the best of {STARTS} starts (s)": min(paints_s),
        "first paint, the first start (s)": paints_s[0],
        "first paint, of the processor (s)": min(works_s),
    }
    with tempfile.TemporaryDirectory() as scratch:
        figures |= library_figures(Path(scratch, "small"), MEMORY_CLIPS, memory_alone=True)
        figures |= library_figures(Path(scratch, "large"), options.rows, memory_alone=False)
        figures |= memory_figures(Path(scratch, "visited"))
        if options.training:
            figures |= lateness_figures(Path(scratch, "trained"), options.training, options.minutes)
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, {qt_name()}")
    width = max(map(len, figures))
    for name, value in figures.items():
        print(f"{name:{width}}  {value:10.2f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


def first_paint_s() -> tuple[float, float]:
    """From the start of this process until the window was painted, Python's start and all imports included.

    Seconds of the clock, and of the processor.
    """
    from PySide6.QtCore import QEvent, QObject

    application = new_application()
    with tempfile.TemporaryDirectory() as scratch, closing(new_studio(Path(scratch))) as studio:
        from mww_studio.ui.main_window import MainWindow

        window = MainWindow(studio)
        window.resize(*SIZE)
        window.go("start")

        class Watch(QObject):
            painted = False

            def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
                if event.type() is QEvent.Type.Paint:
                    self.painted = True
                return False

        watch = Watch()
        window.installEventFilter(watch)
        window.show()
        wait_until(lambda: watch.painted)
        application.processEvents()
        process = psutil.Process()
        shown, used = time.time(), process.cpu_times()
        window.close()
    return shown - process.create_time(), used.user + used.system


def library_figures(folder: Path, clips: int, *, memory_alone: bool) -> dict[str, float]:
    """Scrolling, filtering and the memory of a library with so many clips."""
    from large_library import fill_library

    application = new_application()
    folder.mkdir()
    with closing(new_studio(folder)) as studio:
        session = studio.create_project(folder / "project", "kosita", "en", "")
        before = rss_mb()
        fill_library(session.folder, clips)
        from mww_studio.ui.pages.samples import SamplesPage

        page = SamplesPage(studio)
        page.resize(*SIZE)
        shown = time.perf_counter()
        page.show()
        page.entered("")
        wait_until(lambda: len(page.list_part.model.ids) == clips)
        listed_ms = (time.perf_counter() - shown) * 1e3
        bar, row_px = page.table.verticalScrollBar(), page.table.rowHeight(0)
        bar.setValue(1)
        frames_ms = []
        for number in range(FRAMES):
            begun = time.perf_counter()
            # Three rows a frame as with a wheel, and every tenth frame far away as with the scroll bar.
            far = bar.maximum() // FRAMES * number if number % 10 == 0 else bar.value() + 3 * row_px
            bar.setValue(far % max(1, bar.maximum()))
            page.table.viewport().repaint()
            frames_ms.append((time.perf_counter() - begun) * 1e3)
        gc.collect()
        if memory_alone:
            figures = {f"memory for {clips:,} clips (MB)": rss_mb() - before, "memory of all (MB)": rss_mb()}
        else:
            filters_ms = [filtered_ms(page, text) for text in SEARCHES]
            figures = {
                f"{clips:,} rows: until listed (ms)": listed_ms,
                f"{clips:,} rows: scroll frame, median (ms)": part(frames_ms, 0.5),
                f"{clips:,} rows: scroll frame, p99 (ms)": part(frames_ms, 0.99),
                f"{clips:,} rows: filter after a key, median (ms)": part(filters_ms, 0.5),
                f"{clips:,} rows: filter after a key, worst (ms)": max(filters_ms),
            }
        page.hide()
        page.deleteLater()
        application.processEvents()
    return figures


def filtered_ms(page: object, text: str) -> float:
    """From a changed search to its rows, the 150 ms of patience included."""
    begun = time.perf_counter()
    page.filters.search.setText(text)  # type: ignore[attr-defined]
    wait_until(lambda: page.list_part.found.query.text == text)  # type: ignore[attr-defined]
    return (time.perf_counter() - begun) * 1e3


def memory_figures(folder: Path) -> dict[str, float]:
    """The memory of the whole window once every page was shown, in a process of its own."""
    subprocess.run([sys.executable, __file__, PREPARE, folder], check=True)
    return {
        f"memory after every page, {MEMORY_CLIPS:,} clips (MB)": float(
            subprocess.check_output([sys.executable, __file__, VISIT, folder])
        )
    }


def prepare(folder: Path) -> None:
    """A project with a finished run and many clips."""
    from finished_run import finish_run
    from large_library import fill_library

    from mww_studio.project.store import Project

    with Project.create(folder / "project", "kosita") as project:
        finish_run(project)
    fill_library(folder / "project", MEMORY_CLIPS)


def visit(folder: Path) -> float:
    """Show every page of the window twice, each until it has settled. The memory in MB."""
    from mww_studio.ui.main_window import MainWindow
    from mww_studio.ui.page_list import PAGES

    new_application()
    with closing(new_studio(folder)) as studio:
        studio.open_project(folder / "project")
        window = MainWindow(studio)
        window.resize(*SIZE)
        window.go("start")
        window.show()
        for entry in PAGES * 2:
            window.go(entry.key)
            wait(VISIT_S)
        assert not {"tensorflow", "keras"} & sys.modules.keys()
        memory_mb = rss_mb()
        window.close()
    return memory_mb


class Beat:
    """Measures how late a timer comes in the thread of the window."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._late_ms: list[float] = []
        self._used_ms: list[float] = []
        self._due = self._used = 0.0
        self._timer = QTimer(interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def figures(self, name: str, seconds: float) -> dict[str, float]:
        """How late it came in so many seconds."""
        self._late_ms.clear()
        self._used_ms.clear()
        self._due, self._used = time.perf_counter(), time.thread_time()
        self._timer.start()
        wait(seconds)
        self._timer.stop()
        return {
            f"lateness {name}, median (ms)": part(self._late_ms, 0.5),
            f"lateness {name}, p99 (ms)": part(self._late_ms, 0.99),
            f"lateness {name}, worst (ms)": max(self._late_ms),
            f"lateness {name}, worst of the processor (ms)": max(self._used_ms),
        }

    def _beat(self) -> None:
        now = time.perf_counter()
        self._late_ms.append(max(0.0, (now - self._due) * 1e3 - BEAT_MS))
        self._due = now
        used = time.thread_time()
        self._used_ms.append((used - self._used) * 1e3)
        self._used = used


class Heard:
    """Counts what comes from a microphone that says 0, 1, 2 and so on, and the gaps in it."""

    def __init__(self) -> None:
        self.samples = self.gaps = 0
        self._next: int | None = None

    def hear(self, pcm: "np.ndarray") -> None:  # noqa: F821 - imported only when it is measured
        steps = pcm[1:].astype(int) - pcm[:-1]
        self.gaps += int((steps % NUMBERS != 1).sum()) + (self._next is not None and int(pcm[0]) != self._next)
        self._next = (int(pcm[-1]) + 1 + NUMBERS // 2) % NUMBERS - NUMBERS // 2
        self.samples += len(pcm)


def lateness_figures(folder: Path, seconds: float, minutes: float) -> dict[str, float]:
    """How late the window is at rest, while it records, while a training runs in its process, and during both."""
    import numpy as np
    from synthetic_project import fill
    from virtual_microphone import LATE, VirtualMicrophones

    from mww_studio.presets import load_preset
    from mww_studio.ui.main_window import MainWindow

    new_application()
    folder.mkdir()
    microphones = VirtualMicrophones(folder)
    microphones.say(LATE, np.arange(round((minutes + 10) * 60 * RATE)).astype(np.int16))
    os.environ["ALSA_CONFIG_PATH"] = str(microphones.config)
    with closing(new_studio(folder)) as studio:
        studio.settings.microphone = LATE
        session = studio.create_project(folder / "project", "kosita", "en", "")
        fill(session.project, takes=40, talks=8)
        window = MainWindow(studio)
        window.resize(*SIZE)
        window.go("train")
        window.show()
        wait(1.0)
        beat = Beat()
        figures = beat.figures("at rest", min(seconds, 5.0))
        figures |= recording_figures(window, beat, "while recording", min(seconds, 20.0))
        window.go("train")
        job = session.train(load_preset(PRESET))
        figures |= beat.figures("during a training", seconds)
        if minutes:
            name = f"while recording {minutes:g} min during a training"
            figures |= recording_figures(window, beat, name, minutes * 60)
        if job.error:
            raise job.error
        figures["the training was still running, at step"] = job.done if job.is_busy else float("nan")
        begun = time.perf_counter()
        job.cancel()
        wait_until(lambda: not job.is_busy)
        figures["until a cancelled training has stopped (ms)"] = (time.perf_counter() - begun) * 1e3
        figures["memory after the training (MB)"] = rss_mb()
        window.close()
        window.deleteLater()
    assert not {"tensorflow", "keras"} & sys.modules.keys()
    return figures


def recording_figures(window: object, beat: Beat, name: str, seconds: float) -> dict[str, float]:
    """How late the window is while it shows what the microphone hears, and what was lost of that."""
    heard = Heard()
    window.go("record")  # type: ignore[attr-defined]
    recorder = window.studio.recorder  # type: ignore[attr-defined]
    if not recorder.microphone:
        recorder.open(window.studio.settings.microphone)  # type: ignore[attr-defined]
    wait_until(lambda: bool(recorder.microphone))
    recorder.sound.connect(heard.hear)
    figures = beat.figures(name, seconds)
    recorder.sound.disconnect(heard.hear)
    return figures | {f"{name}: sound heard (s)": heard.samples / RATE, f"{name}: gaps in it": heard.gaps}


def new_application() -> object:
    """The application of this process, made at its first use."""
    from PySide6.QtWidgets import QApplication

    from mww_studio.ui.application import make_application

    return QApplication.instance() or make_application()


def new_studio(folder: Path) -> "Studio":  # noqa: F821 - imported only when it is measured
    """A studio with settings of its own."""
    from PySide6.QtCore import QSettings

    from mww_studio.services.settings import Settings
    from mww_studio.services.studio import Studio
    from mww_studio.ui.theme import Mode, Theme

    Theme.current().apply(Mode.LIGHT)
    return Studio(Settings(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)))


def wait(seconds: float) -> None:
    """Let the event loop run, so that other threads get their turn too."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1e3), loop.quit)
    loop.exec()


def wait_until(done: Callable[[], bool]) -> None:
    """Let the event loop run until something is so."""
    end = time.perf_counter() + PATIENCE_S
    while not done():
        if time.perf_counter() > end:
            raise TimeoutError
        wait(0.002)


def part(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def rss_mb() -> float:
    """The memory of this process in MB."""
    return psutil.Process().memory_info().rss / 1e6


def qt_name() -> str:
    from PySide6.QtCore import qVersion

    return f"Qt {qVersion()} on {os.environ['QT_QPA_PLATFORM']}"


if __name__ == "__main__":
    main()
