"""Errors in the words and with the codes that people see."""

import pytest

from mww_studio.errors import StudioError
from mww_studio.ui.errors import describe


@pytest.mark.parametrize(
    ("code", "shown", "title"),
    [
        ("audio.no_microphone", "E-AUDIO-01", "No microphone found"),
        ("audio.busy", "E-AUDIO-03", "Another program holds the microphone"),
        ("audio.stopped", "E-AUDIO-04", "The microphone stopped sending sound"),
        ("project.disk_full", "E-DISK-01", "The disk is full"),
        ("train.killed", "E-TRAIN-02", "Training stopped by itself"),
    ],
)
def test_what_people_meet_most_has_its_own_words(code, shown, title):
    said = describe(StudioError(code, "Something else.", why="3 GB are needed, 0.4 GB are free."))
    assert (said.code, said.title) == (shown, title)
    assert said.text


def test_other_errors_speak_for_themselves():
    said = describe(StudioError("project.name", "There is a Mia already.", why="Names are unique.", do="Take another."))
    assert (said.code, said.title, said.text) == (
        "project.name",
        "There is a Mia already",
        "Names are unique. Take another.",
    )


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("Wrong chip", "Wrong chip. Try again."),
        ("a.cpp: error: x\nb.cpp: error: y", "a.cpp: error: x\nb.cpp: error: y\nTry again."),
        ("", "Try again."),
    ],
)
def test_what_a_program_said_does_not_run_into_what_to_do(why, said):
    assert describe(StudioError("flash.compile", "It was not built.", why=why, do="Try again.")).text == said
