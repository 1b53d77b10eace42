"""How quick the window is: first paint, scrolling and filtering a large library, memory, and how late it answers while
a training runs.

Prints a table and writes JSON:  python benchmarks/window.py [--rows 50000] [--training 30] [--json FILE]
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
PRESET = "fast_test"
FIRST_PAINT = "--first-paint"


def main() -> None:
    if FIRST_PAINT in sys.argv:
        print(*first_paint_s())
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=50_000, help="of the large library")
    parser.add_argument("--training", type=float, default=30.0, help="seconds of training to watch; 0 leaves it out")
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
        if options.training:
            figures |= lateness_figures(Path(scratch, "trained"), options.training)
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


def lateness_figures(folder: Path, seconds: float) -> dict[str, float]:
    """How late a timer of 10 ms comes in the window's thread while a training runs in its process."""
    from PySide6.QtCore import Qt, QTimer
    from synthetic_project import fill

    from mww_studio.presets import load_preset
    from mww_studio.ui.main_window import MainWindow

    new_application()
    folder.mkdir()
    with closing(new_studio(folder)) as studio:
        session = studio.create_project(folder / "project", "kosita", "en", "")
        fill(session.project, takes=40, talks=8)
        window = MainWindow(studio)
        window.resize(*SIZE)
        window.go("train")
        window.show()
        wait(1.0)
        late_ms: list[float] = []
        due = [time.perf_counter()]

        def beat() -> None:
            now = time.perf_counter()
            late_ms.append(max(0.0, (now - due[0]) * 1e3 - BEAT_MS))
            due[0] = now

        timer = QTimer(interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(beat)
        figures = {}
        for name, start in (("at rest", False), ("during a training", True)):
            job = session.train(load_preset(PRESET)) if start else None
            late_ms.clear()
            due[0] = time.perf_counter()
            timer.start()
            wait(seconds if start else min(seconds, 5.0))
            timer.stop()
            figures |= {
                f"lateness {name}, median (ms)": part(late_ms, 0.5),
                f"lateness {name}, p99 (ms)": part(late_ms, 0.99),
                f"lateness {name}, worst (ms)": max(late_ms),
            }
            if job:
                if job.error:
                    raise job.error
                begun = time.perf_counter()
                job.cancel()
                wait_until(lambda job=job: not job.is_busy)
                figures["until a cancelled training has stopped (ms)"] = (time.perf_counter() - begun) * 1e3
        window.close()
        window.deleteLater()
    return figures


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
