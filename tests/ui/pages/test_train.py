"""The Train page on real services; a script stands in for the worker."""

import os

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit

from mww_studio.presets import load_preset
from mww_studio.project.records import RunState
from mww_studio.services.job_thread import JobState
from mww_studio.services.run_history import Figure
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.pages import train_fields
from mww_studio.ui.pages.train import TrainPage
from mww_studio.ui.pages.train_fields import Kind
from mww_studio.ui.pages.train_numbers import present_sentence, series
from mww_studio.ui.pages.train_settings import SettingsDrawer
from mww_studio.ui.pages.train_words import ENTRIES, SECTIONS, SETTINGS

LEARNS = """
def say(text):
    print(text, flush=True)
    with open(sys.argv[-1] + "/events.jsonl", "a") as kept:
        kept.write(text + "\\n")
say('{"event": "phase", "name": "Training", "total": 100}')
for step in range(10, 50, 10):
    say('{"event": "step", "done": %d, "figures": {"loss": 0.5, "recall": 0.%d, "false_accepts_per_hour": 2.5}}'
        % (step, 50 + step))
say('{"event": "log", "text": "Mining found 3 places."}')
"""
OBEYS = (
    LEARNS
    + """
sys.stdin.readline()
print('{"event": "cancelled"}')
"""
)
SUCCEEDS = LEARNS + """print('{"event": "succeeded", "result": {}}')"""
DIES = LEARNS + "os.kill(os.getpid(), signal.SIGKILL)"

posix = pytest.mark.skipif(os.name != "posix", reason="stands in for the worker with a script")


@pytest.fixture
def page(qtbot, studio, session):
    made = TrainPage(studio)
    assert made._session is session
    qtbot.addWidget(made)
    made.resize(1072, 752)
    made.show()
    made.entered("")
    return made


def looked(qtbot, page):
    qtbot.waitUntil(lambda: bool(page.before.readiness._rows), timeout=20_000)
    return page


def button(message, text):
    return next(one for one in message.findChildren(Button) if one.text() == text)


def learning(qtbot, page, preset="fast_test"):
    """Press the button, and wait until the worker said everything."""
    page._train(load_preset(preset))
    job = page._job
    qtbot.waitUntil(lambda: bool(job.log), timeout=30_000)
    return job


def end(qtbot, job):
    qtbot.waitUntil(lambda: not job.is_busy, timeout=30_000)


# The settings


def every_setting(model, place):
    for setting in train_fields.settings(model, place):
        if setting.kind is Kind.ENTRIES:
            assert setting.key in ENTRIES
            yield from every_setting(setting.entry, (*setting.place, 0))
        else:
            yield setting


def all_settings():
    return [one for name, model in train_fields.sections().items() for one in every_setting(model, (name,))]


def test_every_setting_and_part_has_words():
    assert {one.key for one in all_settings()} == set(SETTINGS)
    assert set(train_fields.sections()) <= set(SECTIONS)


@pytest.mark.parametrize("name", ["fast_test", "standard", "max_quality"])
def test_what_the_form_shows_comes_back_as_the_same_preset(name):
    preset = load_preset(name)
    values = train_fields.editable(preset)
    for setting in all_settings():
        value = train_fields.value_at(values, setting.place)
        if setting.kind not in {Kind.SWITCH, Kind.CHOICE}:
            values = train_fields.with_value(
                values, setting.place, train_fields.typed(setting, train_fields.shown(value))
            )
    assert train_fields.check(values, name).preset == preset


def test_wrong_values_are_named_where_they_stand():
    values = train_fields.editable(load_preset("standard"))
    for place, value in (
        (("training", "phases", 0, "steps"), 0),
        (("training", "clip_norm"), "much"),
        (("augmentation", "speed_factor"), [1.2, 0.9]),
        (("training", "test_share"), 0.4),
    ):
        values = train_fields.with_value(values, place, value)
    checked = train_fields.check(values, "standard")
    assert checked.preset is None
    assert {one.place: one.sentence for one in checked.problems} == {
        ("training", "phases", 0, "steps"): "The least is 1.",
        ("training", "clip_norm"): "A number belongs here.",
        ("training", "test_share"): "It must be less than 0.4.",
        ("augmentation", "speed_factor"): "The first value of a range must not exceed the second.",
    }


def test_a_conflict_of_two_settings_is_told_by_their_titles():
    values = train_fields.with_value(train_fields.editable(load_preset("standard")), ("training", "sequence_ms"), 2000)
    (problem,) = train_fields.check(values, "standard").problems
    assert problem.place == ()
    assert problem.sentence.startswith("“Length of one example (ms)” is 2000")


def test_a_changed_setting_makes_another_preset_and_goes_back(qtbot):
    drawer = SettingsDrawer(load_preset("standard"))
    qtbot.addWidget(drawer)
    part = drawer._parts[0]
    part._open.click()
    row = next(row for row in part._rows if row.setting.key == "training.batch_positives")
    row._line.clear()
    qtbot.keyClicks(row._line, "32")
    preset = drawer.checked().preset
    assert (preset.training.batch_positives, preset.name) == (32, "standard, changed")
    assert part._note.text() == "1 changed"
    row._reset.click()
    standard = load_preset("standard")
    assert drawer.checked().preset == standard
    assert row._line.text() == str(standard.training.batch_positives) != "32"


def test_stretches_of_learning_come_and_go(qtbot):
    drawer = SettingsDrawer(load_preset("standard"))
    qtbot.addWidget(drawer)
    part = drawer._parts[0]
    part._open.click()
    part.put_entry(("training", "phases", 1))
    assert len(drawer.checked().preset.training.phases) == 2
    part.put_entry(("training", "phases", 0))
    assert drawer.checked().preset == load_preset("standard")


# Before


def test_without_takes_the_button_is_off_and_the_cure_is_the_filled_one(qtbot, studio, tmp_path):
    studio.create_project(tmp_path / "empty", "kosita", "en", "")
    page = TrainPage(studio)
    qtbot.addWidget(page)
    page.show()
    page.entered("")
    looked(qtbot, page)
    assert not page.before.train.isEnabled()
    assert page.before.train.accessibleDescription() == "No takes yet"
    assert page.primary().text() == "Record the first takes"
    with qtbot.waitSignal(page.navigate) as led:
        page.primary().click()
    assert led.args[0] == "record"


def test_every_preset_says_how_long_it_takes(qtbot, page):
    looked(qtbot, page)
    texts = [card.accessibleDescription() for card in page.before._cards.values()]
    assert len(texts) == 4  # Quick try, Good, Thorough, Small
    assert all("on this computer" in text for text in texts)
    assert page.primary() is page.before.train


def test_a_setting_that_cannot_be_used_stops_the_button(qtbot, page):
    looked(qtbot, page)
    page.before._settings_button.click()
    page.before._drawer.change(("training", "clip_norm"), "much")
    assert not page.before.train.isEnabled()
    assert page.before.preset == load_preset("standard")
    page.before._drawer.change(("training", "clip_norm"), 4)
    assert page.before.train.isEnabled()
    assert page.before.preset.training.clip_norm == 4


def test_new_takes_are_looked_at_again(qtbot, session, page):
    looked(qtbot, page)
    before = page.before.readiness._rows[0].accessibleName()
    session.trash([1])
    qtbot.waitUntil(lambda: page.before.readiness._rows[0].accessibleName() != before, timeout=20_000)


# While it runs


@posix
def test_a_training_is_watched(qtbot, page, worker_says):
    worker_says(OBEYS)
    job = learning(qtbot, page)
    assert page.running.isVisible()
    assert not page.before.isVisible()
    qtbot.waitUntil(lambda: "Step 40 of 100" in page.running._speed.text())
    assert "hears 90 of 100 takes kept aside" in page.running._sentence.text()
    assert page.running.heard.plot.accessibleDescription().startswith("now 90 of 100")
    assert "goal 0.5" in page.running.mistakes.plot.accessibleDescription()
    page.entered("log")
    assert page.running.log.isVisible()
    assert "Mining found 3 places." in page.running.log.lines()
    page.running.log._copy.click()
    assert "Mining found 3 places." in QGuiApplication.clipboard().text()
    page._cancel.click()
    end(qtbot, job)
    assert page._cancel.isHidden()
    assert page.message.kind == "info"
    assert button(page.message, "Go on at step 40").isVisible()


@posix
def test_pause_and_go_on(qtbot, page, worker_says):
    worker_says(OBEYS)
    job = learning(qtbot, page)
    page._pause.click()
    qtbot.waitUntil(lambda: job.state is JobState.PAUSED)
    assert page.running._left.text() == "Paused"
    assert page._pause.text() == "Go on"
    page._pause.click()
    assert job.state is JobState.RUNNING
    job.cancel()
    end(qtbot, job)


@posix
def test_a_stopped_training_goes_on_from_its_step(qtbot, page, worker_says):
    worker_says(OBEYS)
    first = learning(qtbot, page)
    page._cancel.click()
    end(qtbot, first)
    button(page.message, "Go on at step 40").click()
    second = page._job
    assert second is not first
    assert second.subject == first.subject
    qtbot.waitUntil(lambda: bool(second.log), timeout=30_000)
    second.cancel()
    end(qtbot, second)


@posix
def test_a_training_that_is_killed_says_why(qtbot, page, worker_says):
    worker_says(DIES)
    page._train(load_preset("fast_test"))
    end(qtbot, page._job)
    assert page.message.kind == "bad"
    assert "E-TRAIN-02" in page.message.accessibleDescription()
    assert page.running.log.isVisible()
    button(page.message, "Start again").click()
    assert page.before.isVisible()
    assert page.message is None


@posix
def test_a_finished_training_leads_to_its_results(qtbot, page, worker_says):
    worker_says(SUCCEEDS)
    page._train(load_preset("fast_test"))
    job = page._job
    end(qtbot, job)
    with qtbot.waitSignal(page.navigate) as led:
        button(page.message, "Show results").click()
    assert led.args == ["results", job.subject]
    page.left()
    page.entered("")
    assert page.before.isVisible()


@posix
def test_what_ended_unseen_is_shown_on_the_next_visit(qtbot, studio, session, worker_says):
    worker_says(DIES)
    job = session.train(load_preset("fast_test"))
    end(qtbot, job)
    page = TrainPage(studio)
    qtbot.addWidget(page)
    page.show()
    page.entered("")
    assert page.message.kind == "bad"
    assert page.running.isVisible()


@posix
def test_a_second_training_waits_for_the_first(qtbot, page, session, worker_says):
    worker_says(OBEYS)
    first = learning(qtbot, page)
    second = session.train(load_preset("fast_test"))
    page._follow(second)
    assert page.running._left.text() == "Starts after “Training run 1”"
    page._cancel.click()
    assert second.state is JobState.CANCELLED
    first.cancel()
    end(qtbot, first)


def test_a_cut_off_training_is_offered_and_left(qtbot, studio, session):
    from mww_studio.jobs.launch import new_training
    from mww_studio.jobs.planning import plan_training

    run = new_training(session.project, plan_training(session.project, load_preset("fast_test"), seed=0))
    session.project.set_run_state(run.id, RunState.INTERRUPTED)
    page = TrainPage(studio)
    qtbot.addWidget(page)
    page.show()
    page.entered("")
    assert isinstance(page.message, Message)
    button(page.message, "Leave it").click()
    assert session.runs()[0].state is RunState.CANCELLED
    assert page.message is None


# All runs


def test_runs_are_listed_and_lead_on(qtbot, page, session):
    for state in (RunState.CANCELLED, RunState.FAILED):
        run = session.project.new_run("standard", 0)
        session.project.set_run_state(run.id, state)
    page._runs_button.click()
    qtbot.waitUntil(lambda: page.runs.model.rowCount() == 2, timeout=20_000)
    index = page.runs.model.index(0, 6)
    assert page.runs.model.data(index, Qt.ItemDataRole.DisplayRole) == "stopped by itself"
    assert not page.runs._results.isEnabled()
    assert not page.before.isVisible()
    assert page.escape()
    assert page.before.isVisible()


def test_the_log_keeps_the_newest_lines(page):
    page.running.log.set_lines([])
    for number in range(2100):
        page.running.log.add(f"line {number}")
    lines = page.running.log.lines()
    assert (len(lines), lines[-1]) == (2000, "line 2099")
    assert page.running.log.findChild(QPlainTextEdit).isReadOnly()


def test_a_step_that_was_done_twice_counts_once():
    figures = [Figure(10, "recall", 0.1), Figure(20, "recall", 0.2), Figure(10, "recall", 0.3)]
    assert series(figures, "recall").values == (0.3, 0.2)
    assert "first numbers" in present_sentence(figures, over=False)


@pytest.mark.parametrize("size", [(1072, 752), (932, 592)])
def test_nothing_is_wider_than_the_window(qtbot, page, size):
    looked(qtbot, page)
    page.resize(*size)
    page.before._settings_button.click()
    for part in page.before._drawer._parts:
        part._open.click()
    assert page.content_minimum_width() <= page.viewport_width()
