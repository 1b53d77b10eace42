"""The boards: facts that are there for every one of them, and a clear word where one is not known."""

import re
import subprocess
import sys

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


def test_what_is_fetched_is_named_as_esphome_wants_it_named():
    """In a process of its own: esphome keeps its state in globals. Nothing is fetched."""
    program = (
        "import sys, yaml\n"
        "from esphome.components.packages import REMOTE_PACKAGE_SCHEMA as whole, validate_source_shorthand as short\n"
        "for text in sys.argv[1:]:\n"
        "    for found in yaml.safe_load(text)['packages'].values():\n"
        "        print((short if isinstance(found, str) else whole)(found)['url'])\n"
    )
    fetched = [board_hardware(each.name) for each in boards() if each.package]
    ran = subprocess.run([sys.executable, "-P", "-c", program, *fetched], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert len(ran.stdout.split()) == len(fetched) == 4
    assert all(address.startswith("https://github.com/") for address in ran.stdout.split())
