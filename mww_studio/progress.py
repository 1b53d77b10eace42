"""What long work says while it runs, and how it learns that it should stop."""


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
