"""Whether everybody can see it: contrasts of the tokens, outlines as Fusion paints them, both schemes."""

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from mww_studio.ui.kit.fields import Check, Combo, LineEdit, Slider, Spin
from mww_studio.ui.kit.text import Label
from mww_studio.ui.theme import TOKENS, Mode, Theme, Tokens, contrast

GROUNDS = ("window", "rail", "surface", "inset")
TINTS = ("accent_soft", "ok_soft", "warn_soft", "bad_soft")
TEXTS = {
    "text": (*GROUNDS, *TINTS),
    "text2": (*GROUNDS, *TINTS),
    "accent": (*GROUNDS, "accent_soft"),
    "on_accent": ("accent", "accent_hover", "accent_pressed"),
    "ok": ("surface", "window", "inset", "ok_soft"),
    "warn": ("surface", "window", "inset", "warn_soft"),
    "bad": ("surface", "window", "inset", "bad_soft"),
    "s1": ("surface", "inset"),
    "s2": ("surface",),
    "s3": ("surface", "inset"),
}
SHAPES = {"edge": GROUNDS, "focus": GROUNDS, "s2": ("surface", "inset")}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXTS, 4.5), (SHAPES, 3.0)], ids=["texts", "shapes"])
def test_every_colour_can_be_told_from_its_ground(scheme, pairs, least):
    tokens = TOKENS[scheme]
    weak = {
        f"{front} on {ground}": round(contrast(QColor(tokens[front]), QColor(tokens[ground])), 2)
        for front, grounds in pairs.items()
        for ground in grounds
        if contrast(QColor(tokens[front]), QColor(tokens[ground])) < least
    }
    assert weak == {}


def test_contrast_is_that_of_wcag():
    assert contrast(QColor("#000000"), QColor("#FFFFFF")) == pytest.approx(21.0)
    assert contrast(QColor("#777777"), QColor("#FFFFFF")) == pytest.approx(4.48, abs=0.01)


def test_both_schemes_have_the_same_names():
    assert TOKENS["light"].keys() == TOKENS["dark"].keys()


def test_high_contrast_brings_quiet_things_forward():
    plain, high = Tokens.of("light"), Tokens.of("light", high_contrast=True)
    assert (high.text2, high.line) == (plain.text, plain.edge)


def fields() -> list[QWidget]:
    combo = Combo()
    combo.add("en", "English")
    return [LineEdit("text"), combo, Check(""), Spin(0, 9, 3), Slider(0, 9, 5)]


@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
@pytest.mark.parametrize("number", range(5), ids=["line", "combo", "check", "spin", "slider"])
def test_outlines_of_fields_can_be_seen(qtbot: QtBot, mode, number):
    """Measured on the picture: Fusion's own outline has 1.2:1 in the dark."""
    Theme.current().apply(mode)
    widget = fields()[number]
    ground = QWidget()
    qtbot.addWidget(ground)
    widget.setParent(ground)
    ground.resize(220, 60)
    widget.setGeometry(10, 10, 200, 40)
    ground.show()
    picture = ground.grab().toImage()
    around = Theme.current().tokens.window
    column = [picture.pixelColor(x, y) for x in range(5, 32) for y in range(5, 55)]
    assert max(contrast(colour, around) for colour in column) >= 3.0
    if number == 0:  # for the line edit the outline is one pixel wide and at its edge
        edge = [picture.pixelColor(10, y) for y in range(20, 40)]
        assert min(contrast(colour, around) for colour in edge) >= 3.0


def test_labels_follow_the_theme():
    label = Label("Careful", colour="warn")
    Theme.current().apply(Mode.DARK)
    assert label.palette().color(label.foregroundRole()).name().upper() == TOKENS["dark"]["warn"]
    plain = Label("Text")
    Theme.current().apply(Mode.LIGHT)
    assert plain.palette().color(plain.foregroundRole()).name().upper() == TOKENS["light"]["text"]


def test_sizes_grow_with_the_font():
    theme = Theme.current()
    assert theme.u() >= 4
    assert theme.u(9) == pytest.approx(9 * theme.u(), abs=5)
    assert theme.font("h1").pointSizeF() == pytest.approx(1.6 * theme.font().pointSizeF())
