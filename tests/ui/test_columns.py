"""Widgets that stand side by side only where there is room."""

import pytest
from PySide6.QtWidgets import QLabel

from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.columns import Columns


@pytest.fixture
def columns(qtbot):
    made = Columns()
    qtbot.addWidget(made)
    for height in (50, 120):
        card = Card("title")
        card.setMinimumWidth(200)
        inside = QLabel("text")
        inside.setFixedHeight(height)
        card.body.addWidget(inside)
        made.add(card)
    made.show()
    return made


def test_they_stack_where_they_do_not_fit(columns):
    assert columns.minimumSizeHint().width() == 200
    columns.resize(600, 300)
    assert not columns.stacked
    columns.resize(300, 600)
    assert columns.stacked
    columns.resize(600, 300)
    assert not columns.stacked


def test_cards_beside_each_other_are_equally_high(qtbot, columns):
    columns.resize(600, 200)
    first, second = columns.findChildren(Card)
    qtbot.waitUntil(lambda: first.height() == second.height() > 0)


def test_a_least_width_can_be_asked_for(qtbot):
    made = Columns(from_u=200)
    qtbot.addWidget(made)
    made.add(QLabel("a"))
    made.add(QLabel("b"))
    made.show()
    made.resize(400, 100)
    assert made.stacked


def test_cards_that_hug_keep_their_heights(qtbot):
    made = Columns()
    qtbot.addWidget(made)
    for height in (50, 120):
        inside = QLabel("text")
        inside.setFixedHeight(height)
        card = Card()
        card.body.addWidget(inside)
        made.add(card, hugs=True)
    made.resize(600, 200)
    made.show()
    first, second = made.findChildren(Card)
    qtbot.waitUntil(lambda: second.height() - first.height() == 70)
