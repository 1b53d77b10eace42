"""Changes with a name that can be taken back."""

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from mww_studio.errors import StudioError


class Change(QUndoCommand):
    """A change that was made already, with the way back and the way there again.

    Push it after the change succeeded: a change that fails then never enters the stack. One that fails later, while
    it is taken back or made again, tells ``failed`` and leaves the stack.
    """

    def __init__(
        self,
        text: str,
        *,
        back: Callable[[], None],
        again: Callable[[], None],
        failed: Callable[[StudioError], None],
    ) -> None:
        super().__init__(text)
        self._back, self._again, self._failed = back, again, failed
        self._pushed = False

    def undo(self) -> None:
        """Take it back."""
        self._attempt(self._back)

    def redo(self) -> None:
        """Make it again; pushing calls this once, when it is made already."""
        if self._pushed:
            self._attempt(self._again)
        self._pushed = True

    def _attempt(self, change: Callable[[], None]) -> None:
        try:
            change()
        except StudioError as error:
            self.setObsolete(True)
            self._failed(error)
