"""Dropping files on the window: what they are, and the frame that says what will happen."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from mww_studio.project.library import LIBRARY
from mww_studio.project.records import ClipKind
from mww_studio.ui.kit.painting import painter_on, rounded
from mww_studio.ui.theme import Theme


class DropKind(StrEnum):
    """What was dropped."""

    SOUNDS = "sounds"
    PASSPORT = "passport"
    CONFIGURATION = "configuration"
    PROJECT = "project"
    NOTHING = "nothing"


def kind_of(paths: Sequence[Path]) -> DropKind:
    """What these files are; NOTHING where there is no use for one of them, or where they do not belong together."""
    if not paths:
        return DropKind.NOTHING
    kinds = {_kind(path) for path in paths}
    if len(kinds) > 1 or (len(paths) > 1 and kinds != {DropKind.SOUNDS}):
        return DropKind.NOTHING
    return kinds.pop()


def useless_ending(paths: Sequence[Path]) -> str:
    """The ending of the first file that cannot be used, for the sentence that says so."""
    useless = [path for path in paths if _kind(path) is DropKind.NOTHING] or list(paths)
    return useless[0].suffix or useless[0].name if useless else ""


def _kind(path: Path) -> DropKind:
    from mww_studio.audio.files import AUDIO_SUFFIXES, FOREIGN_SUFFIXES  # not needed for the first picture

    if path.is_dir():
        return DropKind.PROJECT if (path / LIBRARY).is_file() else DropKind.SOUNDS
    suffix = path.suffix.lower()
    if suffix in AUDIO_SUFFIXES | FOREIGN_SUFFIXES:
        return DropKind.SOUNDS
    if suffix in (".json", ".tflite"):
        return DropKind.PASSPORT
    if suffix in (".yaml", ".yml"):
        return DropKind.CONFIGURATION
    return DropKind.NOTHING


class DropFrame(QWidget):
    """Lies over the window while files are dragged over it: an accent frame, one sentence, and zones for sounds."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._kind = DropKind.NOTHING
        self._sentence = ""
        self._zones: list[tuple[ClipKind, str]] = []
        self._over: ClipKind | None = None
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says."""
        return self._sentence

    def open(self, paths: Sequence[Path], *, has_project: bool) -> bool:
        """Show what can be done with ``paths``; whether anything can."""
        self._kind, self._zones, self._over = kind_of(paths), [], None
        needs_project = self._kind is DropKind.SOUNDS
        if needs_project and not has_project:
            self._sentence = self.tr("Open a wake word first, then drop the sound files here.")
            self._kind = DropKind.NOTHING
        elif needs_project:
            self._sentence = self.tr("What is in these files?")
            self._zones = [
                (ClipKind.WAKE_WORD, self.tr("Wake word")),
                (ClipKind.SPEECH, self.tr("Other talk")),
                (ClipKind.AMBIENCE, self.tr("Room sound")),
            ]
        elif self._kind is DropKind.PASSPORT:
            self._sentence = self.tr("Look at the passport of this file")
        elif self._kind is DropKind.CONFIGURATION:
            self._sentence = self.tr("Check this configuration for ESPHome")
        elif self._kind is DropKind.PROJECT:
            self._sentence = self.tr("Open this wake word")
        else:
            self._sentence = self.tr("These files cannot be used here: {ending}").format(ending=useless_ending(paths))
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.raise_()
        self.show()
        self.update()
        return self._kind is not DropKind.NOTHING

    def move_to(self, position: QPoint) -> None:
        """The pointer is here now."""
        over = self.zone_at(position)
        if over is not self._over:
            self._over = over
            self.update()

    def zone_at(self, position: QPoint) -> ClipKind | None:
        """What sounds dropped at ``position`` are, None outside the zones."""
        for (kind, _), where in zip(self._zones, self._places(), strict=True):
            if where.contains(position):
                return kind
        return None

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw frame, sentence and zones."""
        theme = Theme.current()
        painter = painter_on(self)
        ground = QColor(theme.tokens.window)
        ground.setAlphaF(0.92)
        painter.fillRect(self.rect(), ground)
        refused = self._kind is DropKind.NOTHING
        edge = theme.tokens.warn if refused else theme.tokens.accent
        rounded(painter, QRectF(self.rect()).adjusted(2, 2, -2, -2), None, edge, theme.u(2), 2)
        painter.setFont(theme.font("verdict"))
        painter.setPen(theme.tokens.text)
        room = QRectF(self.rect()).adjusted(theme.u(8), theme.u(8), -theme.u(8), -theme.u(8))
        if self._zones:
            room.setBottom(self._places()[0].top() - theme.u(4))
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignHCenter
        place = Qt.AlignmentFlag.AlignBottom if self._zones else Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, int(flags | place), self._sentence)
        for (kind, text), where in zip(self._zones, self._places(), strict=True):
            self._draw_zone(painter, text, where, over=kind is self._over)

    def _draw_zone(self, painter: QPainter, text: str, where: QRectF, *, over: bool) -> None:
        theme = Theme.current()
        ground = theme.tokens.accent_soft if over else theme.tokens.surface
        rounded(painter, where, ground, theme.tokens.accent if over else theme.tokens.edge, theme.u(2), 2)
        painter.setPen(theme.tokens.text)
        painter.setFont(theme.font("h2"))
        painter.drawText(where, Qt.AlignmentFlag.AlignCenter, text)

    def _places(self) -> list[QRectF]:
        """The zones side by side in the middle of the window."""
        if not self._zones:
            return []
        u = Theme.current().u
        gap, height = u(4), u(36)
        width = min(u(60), (self.width() - u(12) - gap * (len(self._zones) - 1)) / len(self._zones))
        left = (self.width() - width * len(self._zones) - gap * (len(self._zones) - 1)) / 2
        top = (self.height() - height) / 2
        return [QRectF(left + number * (width + gap), top, width, height) for number in range(len(self._zones))]
