"""What can be changed in the samples: each change says what was done, and can be undone from there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QObject, Signal

from mww_studio.errors import StudioError
from mww_studio.project.records import Clip, ClipKind
from mww_studio.ui.models.clip_words import kind_word

if TYPE_CHECKING:
    from mww_studio.services.session import Session
    from mww_studio.services.studio import Studio


class Changes(QObject):
    """Does them in the open project; every method returns whether it was done. ``trouble`` has the StudioError."""

    trouble = Signal(object)

    def __init__(self, studio: Studio, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._studio = studio

    def relabel(self, ids: Sequence[int], kind: ClipKind) -> bool:
        """Say what is heard in clips."""
        one, many = self.tr("1 sample is “{kind}” now"), self.tr("{count} samples are “{kind}” now")
        said = counted(len(ids), one, many, kind=kind_word(kind))
        return self._do(partial(self._session.relabel, ids, kind), said)

    def assign(self, ids: Sequence[int], name: str) -> bool:
        """Say who speaks; an empty name: nobody knows."""
        if name:
            one, many = self.tr("{name} speaks in 1 sample now"), self.tr("{name} speaks in {count} samples now")
        else:
            one, many = self.tr("1 sample has no name now"), self.tr("{count} samples have no name now")
        return self._do(partial(self._session.assign, ids, name or None), counted(len(ids), one, many, name=name))

    def keep(self, ids: Sequence[int]) -> bool:
        """Use doubtful clips all the same."""
        one, many = self.tr("1 sample is kept"), self.tr("{count} samples are kept")
        return self._do(partial(self._session.keep, ids), counted(len(ids), one, many))

    def trash(self, ids: Sequence[int]) -> bool:
        """Move clips to the trash."""
        one, many = self.tr("1 sample moved to trash"), self.tr("{count} samples moved to trash")
        return self._do(partial(self._session.trash, ids), counted(len(ids), one, many))

    def restore(self, ids: Sequence[int]) -> bool:
        """Bring clips back from the trash."""
        one, many = self.tr("1 sample brought back"), self.tr("{count} samples brought back")
        return self._do(partial(self._session.restore, ids), counted(len(ids), one, many))

    def note(self, id_: int, text: str) -> bool:
        """Write something about a clip."""
        said = self.tr("Note written") if text else self.tr("Note taken away")
        return self._do(partial(self._session.set_note, id_, text), said)

    def trim(self, id_: int, start_s: float, end_s: float) -> Clip | None:
        """Keep a part of a clip; returns the part."""
        try:
            part = self._session.trim(id_, start_s, end_s)
        except StudioError as error:
            self.trouble.emit(error)
            return None
        self._studio.say(self.tr("1 sample trimmed"), undo=True)
        return part

    def empty_trash(self) -> None:
        """Delete what is in the trash for good."""
        try:
            count = self._session.empty_trash()
        except StudioError as error:
            self.trouble.emit(error)
        else:
            self._studio.say(counted(count, self.tr("1 sample deleted"), self.tr("{count} samples deleted")))

    @property
    def _session(self) -> Session:
        session = self._studio.session
        if session is None:
            raise StudioError("project.none", "No project is open.", do="Open one on the page Start.")
        return session

    def _do(self, change: Callable[[], object], said: str) -> bool:
        try:
            change()
        except StudioError as error:
            self.trouble.emit(error)
            return False
        self._studio.say(said, undo=True)
        return True


def counted(count: int, one: str, many: str, **names: str) -> str:
    """``one`` or ``many``, with the number and the names in their places."""
    return (one if count == 1 else many).format(count=QLocale().toString(count), **names)
