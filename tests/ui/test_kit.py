"""The parts of the kit: focus rings, roles for screen readers, wrapping, reasons, answers."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from mww_studio.ui import icons
from mww_studio.ui.kit.bars import IntervalBar, Meter, PhaseBar, Progress
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.choices import PersonCard, RadioCard, Segments
from mww_studio.ui.kit.dialogs import Answer, Question
from mww_studio.ui.kit.fields import Combo, LineEdit, field
from mww_studio.ui.kit.flow import FlowLayout
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.kit.painting import shows_focus
from mww_studio.ui.kit.rows import StatusRow
from mww_studio.ui.kit.tabbing import tab_as_read
from mww_studio.ui.kit.text import Label
from mww_studio.ui.kit.toast import Toast
from mww_studio.ui.kit.waves import Cut, Spectrogram, WaveView
from mww_studio.ui.page import Page
from mww_studio.ui.theme import Mode, Theme


def role(widget):
    return QAccessible.queryAccessibleInterface(widget).role()


def said(widget, what=QAccessible.Text.Name):
    return QAccessible.queryAccessibleInterface(widget).text(what)


def shown(qtbot: QtBot, widget: QWidget) -> QWidget:
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.activateWindow()
    return widget


class Row(QWidget):
    """Two buttons side by side."""

    def __init__(self):
        super().__init__()
        self.first, self.second = Button("First"), Button("Second")
        row = QHBoxLayout(self)
        row.addWidget(self.first)
        row.addWidget(self.second)


def test_the_ring_is_there_after_a_key_and_not_after_a_click(qtbot: QtBot):
    row = shown(qtbot, Row())
    QTest.mouseClick(row.first, Qt.MouseButton.LeftButton)
    row.first.setFocus()
    assert row.first.hasFocus()
    assert not shows_focus(row.first)
    row.first.clearFocus()
    plain = row.first.grab().toImage()
    row.first.setFocus()
    assert row.first.grab().toImage() == plain
    QTest.keyClick(row.windowHandle(), Qt.Key.Key_Tab)
    assert shows_focus(row.second)
    ring = row.second.grab().toImage().pixelColor(row.second.width() // 2, 1)
    assert ring == Theme.current().tokens.focus
    QTest.mouseClick(row.second, Qt.MouseButton.LeftButton)
    assert not shows_focus(row.second)


def test_roles_are_what_a_screen_reader_expects(qtbot: QtBot):
    holder = QWidget()
    column = QVBoxLayout(holder)
    segments = Segments([("a", "One"), ("b", "Two")], "What")
    cards = [RadioCard("Good", "25 minutes"), PersonCard("Mia", "child", 8, 30)]
    bars = [Progress("Training"), Meter(), PhaseBar(), IntervalBar("Mia")]
    for widget in (segments, *cards, *bars):
        column.addWidget(widget)
    shown(qtbot, holder)
    radios = [*cards, *segments.findChildren(type(cards[0]).__mro__[1])]
    assert len(radios) == 4
    assert {role(widget) for widget in radios} == {QAccessible.Role.RadioButton}
    assert {role(bar) for bar in bars} == {QAccessible.Role.ProgressBar}
    assert said(cards[1]) == "Mia, child, 8 of 30 takes"
    assert said(cards[0], QAccessible.Text.Description) == "25 minutes"


def test_fields_have_buddy_labels(qtbot: QtBot):
    holder, edit = QWidget(), LineEdit()
    QVBoxLayout(holder).addLayout(field("&Wake words", edit))
    shown(qtbot, holder)
    assert said(edit) == "Wake words"
    label = holder.findChild(Label)
    assert label.buddy() is edit


def test_segments_are_chosen_by_arrows_and_say_so_once(qtbot: QtBot):
    segments = Segments([("a", "One"), ("b", "Two"), ("c", "Three")])
    shown(qtbot, segments)
    heard = []
    segments.chosen.connect(heard.append)
    first = segments.findChildren(QWidget)[0]
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Right)
    assert (segments.key, heard) == ("b", ["b"])
    segments.set_key("c")
    assert heard == ["b", "c"]


def test_cards_with_one_parent_exclude_each_other(qtbot: QtBot):
    holder = QWidget()
    column = QVBoxLayout(holder)
    quick, good = RadioCard("Quick", "4 minutes", "To see whether it works."), RadioCard("Good", "25 minutes")
    for card in (quick, good):
        column.addWidget(card)
    shown(qtbot, holder)
    QTest.mouseClick(quick, Qt.MouseButton.LeftButton, pos=QPoint(quick.width() - 5, quick.height() - 5))
    assert quick.isChecked()
    good.setChecked(True)
    assert not quick.isChecked()
    assert quick.heightForWidth(120) > quick.heightForWidth(400)


def test_a_button_that_is_off_says_why():
    button = Button("Train", "primary")
    reason = button.reason_label()
    button.set_reason("There are no takes yet.")
    assert not button.isEnabled()
    assert reason.text() == "There are no takes yet."
    assert said(button, QAccessible.Text.Description) == "There are no takes yet."
    button.set_reason("")
    assert button.isEnabled()
    assert reason.isHidden()


def test_targets_are_large_enough():
    for button in (Button("X"), Button(icon="play", name="Play"), Button("Record", "primary", "mic", big=True)):
        assert min(button.sizeHint().width(), button.sizeHint().height()) >= 24
    assert said(Button(icon="play", name="Play take 3")) == "Play take 3"


def test_a_row_flows_into_the_next_line():
    holder = QWidget()
    flow = FlowLayout(holder)
    for number in range(4):
        flow.addWidget(Button(f"Button {number}"))
    wide = flow.sizeHint().width()
    assert flow.heightForWidth(wide) < flow.heightForWidth(wide // 2)
    assert flow.minimumSize().width() < wide // 2
    flow.takeAt(0).widget().deleteLater()
    assert flow.count() == 3


def test_a_message_keeps_its_buttons_under_the_text_in_little_room(qtbot: QtBot):
    message = Message("bad", "No microphone found", "Plug one in.", "E-AUDIO-01")
    button = message.add_button("Look again", message.hide)
    shown(qtbot, message)
    assert said(message, QAccessible.Text.Description) == "Plug one in. (E-AUDIO-01)"
    u = Theme.current().u
    text = next(label for label in message.findChildren(Label) if label.text().startswith("Plug"))
    message.resize(u(220), u(20))
    qtbot.waitUntil(lambda: button.x() > text.geometry().right())
    message.resize(u(100), u(40))
    qtbot.waitUntil(lambda: button.y() > text.geometry().bottom() and button.x() < text.geometry().right())


def test_a_status_row_changes_and_keeps_its_button():
    row = StatusRow("warn", "Mia has only 8 takes", "20 bring her to the level of the others.")
    button = row.set_button("Record with Mia", row.hide)
    row.set("ok", "Mia has 30 takes")
    assert row.button is button
    assert said(row) == "Mia has 30 takes"


@pytest.mark.parametrize("make", [StatusRow, Message])
def test_names_without_a_place_to_fold_do_not_make_it_wide_nor_are_they_read_in_parts(make):
    name = "w" * 300
    made = make("warn", name, f"It is in {name}.")
    assert made.minimumSizeHint().width() < Theme.current().u(150)
    assert said(made) == name
    assert said(made, QAccessible.Text.Description) == f"It is in {name}."


def test_a_name_without_a_place_to_fold_does_not_make_a_choice_or_a_list_wide():
    name = "w" * 300
    card = RadioCard(name)
    assert card.heightForWidth(Theme.current().u(100)) > 3 * RadioCard("w").heightForWidth(Theme.current().u(100)) // 2
    box = Combo()
    box.add("long", name)
    assert box.minimumSizeHint().width() <= Theme.current().u(120) < box.sizeHint().width()


def test_tab_finds_what_was_added_late_where_it_is_read(qtbot: QtBot):
    window, whole, under = QWidget(), QWidget(), Button("Under")
    outer, column = QVBoxLayout(window), QVBoxLayout(whole)
    outer.addWidget(whole)
    outer.addWidget(under)
    row = QHBoxLayout()
    first, last = Button("First"), Button("Last")
    for button in (first, last):
        row.addWidget(button)
    column.addLayout(row)
    message, between = Message("info", "New"), Button("Between")
    added = message.add_button("Cure", message.hide)
    column.insertWidget(0, message)
    row.insertWidget(1, between)
    shown(qtbot, window)
    tab_as_read(whole)
    visited = [whole.nextInFocusChain()]
    while visited[-1] is not whole:
        visited.append(visited[-1].nextInFocusChain())
    buttons = [one for one in visited if isinstance(one, Button)]
    start = buttons.index(added)
    assert buttons[start:] + buttons[:start] == [added, first, between, last, under]


def test_a_code_is_not_torn_apart():
    message = Message("bad", "The device does not answer", "Hold the button BOOT.", "E-FLASH-03")
    text = next(label for label in message.findChildren(Label) if label.text().startswith("Hold"))
    assert text.text().replace("\N{WORD JOINER}", "").endswith("(E-FLASH-03)")
    assert "E-" not in text.text()


def test_the_meter_speaks_only_when_the_zone_changes():
    meter = Meter()
    changes = []
    meter.valueChanged.connect(changes.append)
    for level in (-50.0, -49.0, -48.0):
        meter.set_levels(level - 6, level)
    assert len(changes) <= 1
    assert meter.accessibleDescription() == "too quiet"
    meter.set_levels(-20.0, -12.0)
    assert meter.accessibleDescription() == "good"
    meter.set_levels(-6.0, -0.5)
    assert meter.accessibleDescription() == "too loud"


def test_the_phase_bar_sums_up_its_phases(qtbot: QtBot):
    bar = PhaseBar("Training")
    bar.set_phases([("Prepare", 10), ("Learn", 80), ("Check", 10)])
    bar.set_progress(1, 0.5)
    assert bar.value() == 50
    assert bar.accessibleDescription() == "Learn"
    bar.set_progress(3, 0)
    assert bar.value() == 100
    bar.resize(60, 40)  # far too narrow for the names
    shown(qtbot, bar).grab()


def test_a_wave_shows_what_was_cut_and_what_was_clipped(qtbot: QtBot):
    pcm = (np.sin(np.arange(16000) / 9) * 20000).astype(np.int16)
    pcm[8000:8400] = 32767
    wave = WaveView()
    wave.resize(400, 80)
    wave.set_pcm(pcm, Cut(0.2, 0.8))
    picture = wave.grab().toImage()
    colours = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
    tokens = Theme.current().tokens
    assert {tokens.bad.name(), tokens.accent.name(), tokens.accent_soft.name(), tokens.edge.name()} <= colours
    wave.set_pcm(np.zeros(0, np.int16))
    wave.clear()
    shown(qtbot, wave).grab()


def test_a_spectrogram_takes_its_features_with_it(qtbot: QtBot):
    picture = Spectrogram()
    picture.resize(300, 160)
    empty = shown(qtbot, picture).grab().toImage()
    picture.set_features(np.tile(np.arange(40, dtype=np.uint16), (90, 1)), 0.9, ((5, "low"), (35, "high")))
    picture.set_mark(0.5)
    full = picture.grab().toImage()
    assert full != empty
    low, high = full.pixelColor(200, 155), full.pixelColor(200, 4)
    assert (low.blue() > low.green(), high.green() > high.blue()) == (True, True)  # viridis: violet below, yellow above


def test_a_toast_waits_for_whoever_looks_at_it(qtbot: QtBot):
    holder = QWidget()
    holder.resize(900, 600)
    shown(qtbot, holder)
    toast = Toast(holder)
    toast.place(48)
    done = []
    toast.say("3 samples moved to trash", "Undo", lambda: done.append("undone"), "undo-2")
    assert toast.text == "3 samples moved to trash"
    assert toast.geometry().bottom() < 600 - 48
    assert abs(toast.geometry().center().x() - 450) <= 1
    button = next(b for b in toast.findChildren(Button) if b.text() == "Undo")
    button.setFocus()
    toast._leave()  # what the timer does after eight seconds
    assert toast.isVisible()
    button.click()
    assert done == ["undone"]
    assert not toast.isVisible()


def test_esc_gives_a_questions_last_answer(qtbot: QtBot):
    answers = [Answer("delete", "Delete for good", "danger"), Answer("keep", "Keep")]
    question = Question(None, "Delete Mia and all takes?", "This cannot be undone.", answers)
    qtbot.addWidget(question)
    question.open()
    assert question.buttons["delete"].isDefault()
    with qtbot.waitSignal(question.answered) as heard:
        QTest.keyClick(question, Qt.Key.Key_Escape)
    assert heard.args == ["keep"]
    again = Question(None, "Delete?", "", answers)
    qtbot.addWidget(again)
    again.open()
    with qtbot.waitSignal(again.answered) as heard:
        again.buttons["delete"].click()
    assert heard.args == ["delete"]


def test_a_list_ignores_the_wheel_without_focus(qtbot: QtBot):
    combo = Combo()
    for key in ("a", "b", "c"):
        combo.add(key, key.upper())
    shown(qtbot, combo)
    combo.clearFocus()
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QWheelEvent

    event = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, -120), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    combo.wheelEvent(event)
    assert combo.key == "a"
    assert not event.isAccepted()
    assert combo.set_key("c")
    assert not combo.set_key("nothing")


@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
def test_every_icon_that_is_named_exists(mode):
    Theme.current().apply(mode)
    for name in (*icons.STATES.values(), icons.PERSON, "mic", "undo-2", "x"):
        assert not icons.icon(name).isNull()
    with pytest.raises(KeyError):
        icons.pixmap("no-such-icon", Theme.current().tokens.text, 16)


@pytest.mark.parametrize("width", [220, 500, 900])
def test_a_card_is_as_high_as_its_wrapped_texts(qtbot: QtBot, width):
    holder = QWidget()
    column = QVBoxLayout(holder)
    card = Card("A title", "One sentence that says what this is about. " * 4)
    text = Label("Another sentence that goes on for a while. " * 8, wrap=True)
    card.body.addWidget(text)
    column.addWidget(card)
    column.addStretch(1)
    holder.resize(width, 900)
    shown(qtbot, holder)
    holder.resize(width, 901)
    qtbot.waitUntil(lambda: text.height() == text.heightForWidth(text.width()))
    assert card.geometry().bottom() - card.mapTo(holder, QPoint(0, 0)).y() >= text.geometry().bottom()
    assert card.height() == card.layout().totalHeightForWidth(card.width())


class Wordy(Page):
    """A page whose only content is a long text."""

    def __init__(self, studio):
        super().__init__(studio)
        self.label = Label("A sentence that goes on and on. " * 60, wrap=True)
        self.content.addWidget(self.label)


def test_a_page_scrolls_down_and_never_sideways(qtbot: QtBot, studio):
    page = Wordy(studio)
    page.resize(500, 300)
    shown(qtbot, page)
    assert page.content_minimum_width() <= page.viewport_width()
    qtbot.waitUntil(lambda: page.label.height() >= page.label.heightForWidth(page.label.width()))
    first, second = Message("info", "One"), Message("bad", "Two")
    page.show_message(first)
    page.show_message(second)
    assert page.message is second
    assert not first.isVisible()
    page.show_message(None)
    assert page.message is None
