"""The boards: facts that are there for every one of them, and a clear word where one is not known."""

import re

import pytest

from mww_studio.errors import StudioError
from mww_studio.esphome.boards import board, board_hardware, boards

NAMES = [each.name for each in boards()]


def test_the_boards_that_people_have_are_there():
    assert {
        "esp32-s3-box-3",
        "m5stack-atom-echo",
        "home-assistant-voice-pe",
        "satellite1",
        "respeaker-lite",
        "respeaker-xvf3800",
        "generic-s3",
        "generic-esp32",
    } == set(NAMES)
    assert NAMES[-2:] == ["generic-esp32", "generic-s3"]


@pytest.mark.parametrize("name", NAMES)
def test_a_board_says_what_it_needs_what_it_cannot_and_who_says_so(name):
    described = board(name)
    sentences = [described.about, *described.needs, *described.limits, described.source]
    assert described.needs
    assert described.limits
    assert all(sentence.endswith(".") and sentence.isascii() for sentence in sentences)
    assert described.psram is (described.chip == "esp32s3")
    assert "secret" not in board_hardware(name)


@pytest.mark.parametrize("name", NAMES)
def test_only_a_board_that_needs_the_internet_says_that_a_stand_in_was_checked(name):
    described = board(name)
    told = any("stand-in" in limit for limit in described.limits)
    fetched = re.search(r"github|https?:", board_hardware(name)) is not None
    assert told == fetched == (described.package is not None)


def test_without_psram_there_is_little_room_for_words():
    assert board("m5stack-atom-echo").arena_bytes < 100_000 < board("esp32-s3-box-3").arena_bytes
    assert board("home-assistant-voice-pe").arena_bytes < board("esp32-s3-box-3").arena_bytes


def test_an_unknown_board_names_the_known_ones():
    with pytest.raises(StudioError, match="generic-s3") as refusal:
        board("toaster")
    assert refusal.value.code == "board.unknown"
