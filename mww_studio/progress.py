"""What long work says while it runs, and how it learns that it should stop."""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Control(Protocol):
    """A hold on work that runs in a process of its own. Every method returns at once, from any thread."""

    def cancel(self) -> None:
        """Ask it to stop, and stop it if it does not."""

    def pause(self) -> None:
        """Let it rest; it keeps its memory."""

    def go_on(self) -> None:
        """Let it go on."""


class Progress:
    """The listener that says nothing and never cancels; windows and command lines override its methods."""

    def phase(self, name: str, total: int = 0) -> None:
        """Begin a phase of ``total`` steps (0: unknown)."""

    def step(self, done: int, **figures: float | str) -> None:
        """``done`` steps of the current phase are finished; ``figures`` are numbers worth showing."""

    def log(self, text: str) -> None:
        """One line for the log."""

    def check_cancelled(self) -> None:
        """Raise :class:`mww_studio.errors.Cancelled` when the person asked to stop."""

    def controlled(self, control: Control) -> AbstractContextManager[None]:  # noqa: ARG002 - for listeners that steer
        """While it lasts, the listener may steer the work by ``control``."""
        return nullcontext()
