"""Colours, sizes and fonts of the whole window, light and dark; the only place where a colour has a number."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

TOKENS: Mapping[str, Mapping[str, str]] = {
    "light": {
        "window": "#F3F5F7",
        "rail": "#E8ECF0",
        "surface": "#FFFFFF",
        "inset": "#EDF1F4",
        "line": "#D3DAE1",
        "edge": "#76828E",
        "text": "#17212B",
        "text2": "#485562",
        "off": "#8D97A1",
        "accent": "#00648C",
        "accent_hover": "#00547A",
        "accent_pressed": "#004462",
        "on_accent": "#FFFFFF",
        "accent_soft": "#D5EBF5",
        "focus": "#00648C",
        "ok": "#0A6B4F",
        "ok_soft": "#DDF1EA",
        "warn": "#8A5200",
        "warn_soft": "#FBEBD2",
        "bad": "#A3153A",
        "bad_soft": "#FAE1E6",
        "s1": "#0069A8",
        "s2": "#C04A00",
        "s3": "#3B4753",
    },
    "dark": {
        "window": "#13171B",
        "rail": "#0E1215",
        "surface": "#1B2126",
        "inset": "#252D34",
        "line": "#343E47",
        "edge": "#82909D",
        "text": "#E7ECF0",
        "text2": "#AAB6C1",
        "off": "#6C7782",
        "accent": "#62C2EA",
        "accent_hover": "#84D0F0",
        "accent_pressed": "#A3DDF5",
        "on_accent": "#06212E",
        "accent_soft": "#173C4F",
        "focus": "#84D0F0",
        "ok": "#55CBA4",
        "ok_soft": "#13362C",
        "warn": "#EFB04E",
        "warn_soft": "#3B2B0F",
        "bad": "#FF8F78",
        "bad_soft": "#45201A",
        "s1": "#5DB3F0",
        "s2": "#FF9A52",
        "s3": "#C9D3DB",
    },
}
"""Every colour by its meaning. ``line`` decorates; ``edge`` outlines whatever can be used; s1 to s3 are series."""

# Scale against the system's font, and whether it is semibold.
_FONTS: Mapping[str, tuple[float, bool]] = {
    "caption": (0.92, False),
    "small": (0.88, False),
    "body": (1.0, False),
    "strong": (1.0, True),
    "h2": (1.15, True),
    "verdict": (1.35, True),
    "h1": (1.6, True),
    "number": (1.7, True),
    "word": (3.0, True),
    "word_compact": (2.4, True),
}

# Fusion outlines these with Window.darker(140), which no eye can see in the dark; their own Window colour undoes that.
_OUTLINED = ("QLineEdit", "QComboBox", "QCheckBox", "QRadioButton", "QSlider", "QAbstractSpinBox", "QPlainTextEdit")


class Mode(StrEnum):
    """What the person chose: as the system has it, or always one of the two."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True)
class Tokens:
    """The colours in use."""

    window: QColor
    rail: QColor
    surface: QColor
    inset: QColor
    line: QColor
    edge: QColor
    text: QColor
    text2: QColor
    off: QColor
    accent: QColor
    accent_hover: QColor
    accent_pressed: QColor
    on_accent: QColor
    accent_soft: QColor
    focus: QColor
    ok: QColor
    ok_soft: QColor
    warn: QColor
    warn_soft: QColor
    bad: QColor
    bad_soft: QColor
    s1: QColor
    s2: QColor
    s3: QColor

    @classmethod
    def of(cls, scheme: str, *, high_contrast: bool = False) -> "Tokens":
        """The colours of ``light`` or ``dark``; with high contrast secondary text and decoration come forward."""
        colours = {field.name: QColor(TOKENS[scheme][field.name]) for field in fields(cls)}
        if high_contrast:
            colours |= {"text2": colours["text"], "line": colours["edge"]}
        return cls(**colours)


class Theme(QObject):
    """The look of the running program, a child of the application.

    Sizes are in ``u``, a quarter of the font's line height, so that large fonts enlarge everything.
    """

    changed = Signal()

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self.mode = Mode.SYSTEM
        self.dark = False
        self.tokens = Tokens.of("light")
        self.keyboard_used = False
        self._unit = max(4, round(QFontMetricsF(application.font()).height() / 4))
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)
        application.installEventFilter(self)

    @staticmethod
    def current() -> "Theme":
        """The theme of the running application, made and applied at its first use."""
        application = QApplication.instance()
        if not isinstance(application, QApplication):
            raise TypeError("There is no QApplication.")
        theme = application.findChild(Theme, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if theme is None:
            theme = Theme(application)
            theme.apply(Mode.SYSTEM)
        return theme

    def apply(self, mode: Mode) -> None:
        """Show the window in ``mode`` from now on."""
        self.mode = mode
        hints = QGuiApplication.styleHints()
        self.dark = mode is Mode.DARK or (mode is Mode.SYSTEM and hints.colorScheme() is Qt.ColorScheme.Dark)
        contrast = hints.accessibility().contrastPreference()
        self.tokens = Tokens.of(
            "dark" if self.dark else "light", high_contrast=contrast is Qt.ContrastPreference.HighContrast
        )
        self._set_palettes()
        self.changed.emit()

    def u(self, count: float = 1.0) -> int:
        """``count`` units in logical pixels."""
        return round(self._unit * count)

    def font(self, role: str = "body") -> QFont:
        """The font of a role: caption, small, body, strong, h2, verdict, h1, number, word or word_compact."""
        scale, semibold = _FONTS[role]
        font = QFont(QApplication.font())
        font.setPointSizeF(font.pointSizeF() * scale)
        if semibold:
            font.setWeight(QFont.Weight.DemiBold)
        return font

    def colour(self, name: str) -> QColor:
        """A colour by the name of its meaning."""
        colour: QColor = getattr(self.tokens, name)
        return colour

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Remember whether the keyboard or the pointer was used last: only the keyboard needs a focus ring."""
        kind = event.type()
        if kind == QEvent.Type.KeyPress:
            self.keyboard_used = True
        elif kind == QEvent.Type.MouseButtonPress:
            self.keyboard_used = False
        return False

    def _follow_system(self, _scheme: Any) -> None:
        if self.mode is Mode.SYSTEM:
            self.apply(Mode.SYSTEM)

    def _set_palettes(self) -> None:
        colours, role = self.tokens, QPalette.ColorRole
        palette = QPalette()
        for place, colour in (
            (role.Window, colours.window),
            (role.WindowText, colours.text),
            (role.Base, colours.surface),
            (role.AlternateBase, colours.inset),
            (role.Text, colours.text),
            (role.Button, colours.inset if self.dark else colours.surface),
            (role.ButtonText, colours.text),
            (role.BrightText, colours.on_accent),
            (role.Highlight, colours.accent),
            (role.HighlightedText, colours.on_accent),
            (role.ToolTipBase, colours.surface),
            (role.ToolTipText, colours.text),
            (role.PlaceholderText, colours.text2),
            (role.Link, colours.accent),
            (role.LinkVisited, colours.accent),
            (role.Accent, colours.accent),
            (role.Light, colours.surface),
            (role.Midlight, colours.inset),
            (role.Mid, colours.line),
            (role.Dark, colours.edge),
            (role.Shadow, colours.edge),
        ):
            palette.setColor(place, colour)
        for place in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
            palette.setColor(QPalette.ColorGroup.Disabled, place, colours.off)
        QApplication.setPalette(palette)
        for name in _OUTLINED:
            outlined = QPalette(palette)
            outlined.setColor(role.Window, colours.edge.lighter(140))
            outlined.setColor(role.Button, colours.edge if name == "QSlider" and self.dark else colours.surface)
            QApplication.setPalette(outlined, name)  # type: ignore[arg-type]  # bytes, say the stubs
        views = QPalette(palette)  # the full accent would swallow the icons of a chosen row
        views.setColor(role.Highlight, colours.accent_soft)
        views.setColor(role.HighlightedText, colours.text)
        QApplication.setPalette(views, "QAbstractItemView")  # type: ignore[arg-type]


def contrast(one: QColor, other: QColor) -> float:
    """The contrast of two colours by WCAG 2.2, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [part / 12.92 if part <= 0.04045 else math.pow((part + 0.055) / 1.055, 2.4) for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
