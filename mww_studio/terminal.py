"""Progress and errors for a person at a terminal; all of it on standard error, results go to standard output."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from mww_studio.errors import StudioError
from mww_studio.progress import Progress

_QUIET_INTERVAL_S = 15.0


def show_error(error: StudioError) -> None:
    """Print what happened, why, and what to do."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(error.what, style="bold red", markup=False)
    for line in (error.why, error.do):
        if line:
            console.print(line, markup=False)
    console.print(f"({error.code})", style="dim", markup=False)


class TerminalProgress(Progress):
    """Bars at a terminal; a line now and then where the output goes to a file."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[figures]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task: TaskID | None = None
        self._name = ""
        self._total = 0
        self._last_line = 0.0

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._task is not None:
            self._finish()
        self._bars.stop()

    def phase(self, name: str, total: int = 0) -> None:
        """A new bar; the one before is finished."""
        if self._task is not None:
            self._finish()
        self._name, self._total = name, total
        self._task = self._bars.add_task(name, total=total or None, figures="")
        self._line(name)

    def step(self, done: int, **figures: float | str) -> None:
        """Move the bar. A figure named ``total`` sets how many steps there are."""
        self._total = int(figures.pop("total", self._total))
        text = "  ".join(f"{name.replace('_', ' ')} {_short(value)}" for name, value in figures.items())
        if self._task is not None:
            self._bars.update(self._task, completed=done, total=self._total or None, figures=text)
        if time.monotonic() - self._last_line >= _QUIET_INTERVAL_S:
            self._line(f"{self._name}: {done}{f' of {self._total}' if self._total else ''}  {text}")

    def log(self, text: str) -> None:
        """A line above the bars."""
        self._console.print(text, markup=False)

    def _finish(self) -> None:
        assert self._task is not None  # noqa: S101 - called with a task only
        self._bars.update(self._task, total=self._total or 1, completed=self._total or 1)

    def _line(self, text: str) -> None:
        self._last_line = time.monotonic()
        if self._bars.disable:
            self._console.print(text, markup=False, soft_wrap=True)


def _short(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.3g}"
