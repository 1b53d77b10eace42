"""The page about the presets is what their classes say now."""

import importlib.util
from pathlib import Path

import pytest

from mww_studio.resources import resource

PROGRAM = Path(__file__).resolve().parents[2] / "packaging" / "preset_reference.py"
REGENERATE = "run packaging/preset_reference.py and commit resources/help/presets.md"


@pytest.fixture(scope="module")
def program():
    spec = importlib.util.spec_from_file_location("preset_reference", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_option_has_a_sentence(program):
    assert program.undocumented() == [], "write a sentence under each of these in mww_studio/presets.py"


def test_the_page_is_up_to_date(program):
    written = resource("help", "presets.md").read_text(encoding="utf-8")
    assert written == program.reference(), REGENERATE


def test_options_say_what_they_may_be_and_who_says_otherwise(program):
    page = " ".join(program.reference().split())
    assert "**batch_positives** (a whole number from 1 to 4096; usual: 16)." in page
    assert "**speed_factor** (two numbers, from and to; usual: [0.87, 1.15])." in page
    assert "**threshold** (a number above 0 below 2, or null; usual: null)." in page
    assert "*In fast_test: " in page
    assert " then " in page
    assert "okay_nabu, hey_jarvis" in page
