import threading

import pytest
import shiboken6
from PySide6.QtCore import QObject, QThread

from mww_studio.errors import StudioError
from mww_studio.services.background import Background


class Asker(QObject):
    def __init__(self):
        super().__init__()
        self.answers, self.errors, self.threads = [], [], []

    def hear(self, answer):
        self.answers.append(answer)
        self.threads.append(QThread.currentThread())

    def fail(self, error):
        self.errors.append(error.code)


@pytest.fixture
def background():
    made = Background()
    yield made
    made.shut_down()


def test_the_answer_comes_in_the_asking_thread(qtbot, background):
    asker, worked_in = Asker(), []

    def work():
        worked_in.append(threading.get_ident())
        return 7

    background.run(work, asker.hear)
    qtbot.waitUntil(lambda: asker.answers == [7])
    assert asker.threads == [QThread.currentThread()]
    assert worked_in != [threading.get_ident()]


def test_errors_come_too(qtbot, background, capfd):
    asker = Asker()

    def refuse():
        raise StudioError("a.b", "What.")

    def crash():
        raise ZeroDivisionError

    background.run(refuse, asker.hear, asker.fail)
    qtbot.waitUntil(lambda: asker.errors == ["a.b"])
    background.run(crash, asker.hear, asker.fail)
    qtbot.waitUntil(lambda: asker.errors == ["a.b", "job.crashed"])
    assert "ZeroDivisionError" in capfd.readouterr().err
    background.run(refuse, asker.hear)
    assert asker.answers == []


def test_of_one_key_only_the_newest_is_answered(qtbot, background):
    asker, go, begun = Asker(), threading.Event(), []

    def work(number):
        def inner():
            begun.append(number)
            go.wait(10)
            return number

        return inner

    for number in range(5):
        background.run(work(number), asker.hear, key="same")
    background.run(work("other"), asker.hear, key="other")
    go.set()
    qtbot.waitUntil(lambda: len(asker.answers) == 2)
    assert set(asker.answers) == {4, "other"}
    assert set(begun) == {0, 4, "other"}


def test_what_was_dropped_is_not_answered(qtbot, background):
    asker, go = Asker(), threading.Event()
    background.run(lambda: go.wait(10), asker.hear, key="a")
    background.drop("a")
    go.set()
    background.run(lambda: "b", asker.hear, key="a")
    qtbot.waitUntil(lambda: asker.answers == ["b"])


def test_nobody_is_answered_who_is_gone(qtbot, background):
    asker, other, go = Asker(), Asker(), threading.Event()
    background.run(lambda: go.wait(10), asker.hear)
    shiboken6.delete(asker)
    go.set()
    background.run(lambda: 1, other.hear)
    qtbot.waitUntil(lambda: other.answers == [1])
    background.shut_down()
    assert asker.answers == []
