"""What is worked out of a model file, against numbers worked out by hand, and how a passport is written."""

import json

import pytest

from mww_studio.constitution.articles import law
from mww_studio.constitution.flatbuffer import BrokenModelError
from mww_studio.constitution.verdicts import Level, Outcome, Verdict
from mww_studio.evaluation.chips import ARENA_FACTORS, estimate_arena, estimate_loads
from mww_studio.evaluation.html_passport import render
from mww_studio.evaluation.int8_graph import read_graph
from mww_studio.evaluation.model_facts import ModelFacts, read_facts
from mww_studio.evaluation.passport import Answer, Memory, Passport, Runs, decision_of, heard_ms
from mww_studio.evaluation.passport_text import markdown, plain
from mww_studio.evaluation.passport_words import beside, sections
from mww_studio.evaluation.receptive_field import receptive_frames
from mww_studio.reference import official_model

# okay_nabu's layers: first convolution, then blocks of depthwise and pointwise ones, then the dense layer.
OKAY_NABU_WORK = (
    5 * 40 * 32
    + (5 * 32 + 32 * 64)
    + ((7 + 11) * 32 + 64 * 64)
    + ((9 + 15) * 32 + 64 * 64)
    + (23 * 64 + 64 * 64)
    + 6 * 64
)


@pytest.fixture(scope="module")
def content() -> bytes:
    return official_model("okay_nabu").read_bytes()


@pytest.fixture(scope="module")
def facts(content: bytes) -> ModelFacts:
    return read_facts(content)


def passport(facts: ModelFacts | None, **more: object) -> Passport:
    said = "<script>alert(1)</script> | *bold*"
    rule = Verdict("input", "input.stride", Level.WRITER, Outcome.WARN, "2", "3", "Other readers break on it.")
    values: dict[str, object] = {
        "file": said,
        "title": "It runs",
        "text": "Because.",
        "tone": "ok",
        "answers": (Answer(device="ESP32", runs=Runs.YES, why="Why not."),),
        "wake_word": said,
        "author": said,
        "website": None,
        "languages": ("en",),
        "minimum_esphome": "2024.7.0",
        "manifest": "word.json",
        "model": "word.tflite",
        "facts": facts,
        "decision": decision_of(0.97, 5, 3),
        "memory": Memory(manifest_bytes=26080, measured_bytes=23424, needs=estimate_arena(23424, 26080)),
        "loads": () if facts is None else estimate_loads(facts),
        "receptive_frames": 170,
        "receptive_ms": heard_ms(170),
        "rules": (rule,),
    }
    return Passport.model_validate(values | more)


def test_the_work_of_okay_nabu(facts: ModelFacts) -> None:
    assert facts.multiply_accumulates == OKAY_NABU_WORK
    assert facts.stride == 3
    assert facts.inferences_per_s == pytest.approx(33.33, abs=0.01)
    assert facts.bytes == 60264
    assert facts.sha256 == next(one.sha256 for one in law().reference.models if one.name == "okay_nabu")
    assert (facts.operation_count, facts.parts) == (67, 2)
    assert all(one.allowed for one in facts.operations)
    assert facts.state_bytes == 3472
    assert facts.input is not None
    assert facts.input.shape == (1, 3, 40)
    with pytest.raises(BrokenModelError):
        read_facts(b"garbage")


def test_how_far_back_official_models_listen(content: bytes) -> None:
    assert receptive_frames(read_graph(content)) == law().mixednet.receptive_field_frames
    # The law's sum with alexa's kernels: its states keep one frame less than the kernels span, and it has no gaps.
    states = next(one.states for one in law().reference.models if one.name == "alexa")
    assert states[0] == (law().mixednet.first_conv_kernel - law().input.stride, law().frontend.channels)
    later = sum(frames for frames, _ in states[1:])
    alexa = read_graph(official_model("alexa").read_bytes())
    assert receptive_frames(alexa) == law().mixednet.first_conv_kernel + law().input.stride * later
    assert heard_ms(1) == law().frontend.window_ms


def test_estimates_lie_between_their_ends(facts: ModelFacts) -> None:
    slow, fast = estimate_loads(facts)
    assert (slow.chip, fast.chip) == ("esp32", "esp32s3")
    for load in (slow, fast):
        assert 0 < load.least_ms < load.most_ms
        assert load.least_share == pytest.approx(load.least_ms * facts.inferences_per_s / 1000)  # type: ignore[operator]
    assert fast.most_ms < slow.most_ms
    assert slow.least_ms == pytest.approx(OKAY_NABU_WORK / 7_157_888 * 380, rel=0.01)
    assert fast.least_ms == pytest.approx(OKAY_NABU_WORK / 7_157_888 * 54, rel=0.01)
    assert estimate_loads(facts.model_copy(update={"stride": None, "inferences_per_s": None})) == ()


def test_at_which_try_the_firmware_has_enough_memory() -> None:
    factors = [one.factor for one in ARENA_FACTORS]
    assert factors == [1.36, 2.01]
    assert [need.bytes for need in estimate_arena(1000, None)] == [1360, 2010]
    assert [need.attempt for need in estimate_arena(1000, None)] == [None, None]
    assert [need.attempt for need in estimate_arena(1000, 2100)] == [1, 1]
    assert [need.attempt for need in estimate_arena(1000, 1400)] == [1, 2]
    assert [need.attempt for need in estimate_arena(1000, 1010)] == [2, 3]
    assert [need.attempt for need in estimate_arena(1000, 700)] == [3, 0]


def test_the_decision_as_the_device_makes_it() -> None:
    decided = decision_of(0.97, 5, 3)
    assert (decided.cutoff_byte, decided.limit, decided.window_ms) == (247, 1235, 150)
    assert decision_of(0.5, 10, 2).window_ms == 200
    assert decision_of(0.5, 10, None).window_ms is None


def test_texts_from_a_file_stay_texts(facts: ModelFacts) -> None:
    made = passport(facts)
    page = render(made, "2026-01-02")
    assert "<script>" not in page
    assert "default-src &#x27;none&#x27;" in page
    assert "http" not in page.replace("http-equiv", "")
    text = markdown(made, "2026-01-02")
    assert "<script>" not in text.replace("\\<", "")
    assert "\\| \\*bold\\*" in text
    for shown in (page, text):
        assert "60,264 bytes" in shown
        assert "2026-01-02" in shown


def test_every_section_fits_its_head(facts: ModelFacts) -> None:
    for made in (passport(facts), passport(None, decision=None, receptive_frames=None, receptive_ms=None)):
        for section in sections(made):
            assert section.rows
            assert {len(row) for row in section.rows} == {len(section.head)}


def test_the_terminal_tells_the_rules_that_are_not_kept(facts: ModelFacts) -> None:
    text = plain(passport(facts))
    assert text.startswith("It runs\nBecause.")
    assert "almost" in text
    assert "Other readers break on it." in text
    assert "on the device 247 of 255" in text
    assert "at try 2 of 3" in text


def test_two_models_side_by_side(facts: ModelFacts) -> None:
    mine = passport(facts, wake_word="Mine")
    other = passport(None, wake_word="Theirs", decision=None, receptive_frames=None, receptive_ms=None)
    rows = {row[0]: row[1:] for row in beside(mine, other).rows}
    assert beside(mine, other).head == ("", "Theirs", "Mine")
    assert rows["Flash"] == ("not known", "60,264 bytes")
    assert rows["Runs on ESP32"] == ("yes", "yes")


def test_programs_get_all_of_it(facts: ModelFacts) -> None:
    found = json.loads(passport(facts).model_dump_json())
    assert found["decision"]["cutoff_byte"] == 247
    assert found["facts"]["multiply_accumulates"] == OKAY_NABU_WORK
    assert found["rules"][0]["outcome"] == "WARN"
    assert Passport.model_validate(found) == passport(facts)


def test_a_model_whose_work_is_not_known(facts: ModelFacts) -> None:
    odd = facts.model_copy(update={"multiply_accumulates": None})
    assert estimate_loads(odd) == ()
    assert "not known" in plain(passport(odd))
