"""The two ways in which work ends early: an error a person can act on, and a cancel."""

from collections.abc import Callable
from functools import partial


class StudioError(Exception):
    """What happened, why, and what to do next, under a stable code such as ``audio.unreadable``."""

    def __init__(self, code: str, what: str, *, why: str = "", do: str = "") -> None:
        super().__init__(" ".join(part for part in (what, why, do) if part))
        self.code = code
        self.what = what
        self.why = why
        self.do = do

    def __reduce__(self) -> tuple[Callable[..., "StudioError"], tuple[str, str]]:
        """As it crosses from one process to another."""
        return partial(StudioError, why=self.why, do=self.do), (self.code, self.what)


class Cancelled(Exception):  # noqa: N818 - it is not an error
    """The person asked for the work to stop. Not an error."""
