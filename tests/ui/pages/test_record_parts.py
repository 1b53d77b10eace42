"""What the Record page asks for, and how it shows a sound; all of it without a microphone."""

from itertools import pairwise

import numpy as np
import pytest
from synthetic_speech import RATE, word

from mww_studio.audio.quality import judge
from mww_studio.jobs.coverage import GOAL
from mww_studio.project.records import ClipKind, NewClip, pcm_sha256
from mww_studio.ui.pages.record_people import Speaker, next_speaker
from mww_studio.ui.pages.record_readings import NearReading, WakeWordReading
from mww_studio.ui.pages.record_spectrogram import LiveSpectrogram, band_levels
from mww_studio.ui.pages.record_talk import FREE, next_text, talk_texts, what_is_left
from mww_studio.ui.pages.record_texts import WordView
from mww_studio.ui.pages.record_words import Action, fault, minutes_text, seconds_text

FAULTS = ("clipped", "too_quiet", "cut_start", "cut_end", "nothing", "too_long", "noisy", "overflow")


@pytest.fixture
def project(studio, tmp_path):
    return studio.create_project(tmp_path / "project", "kosita", "en", "Ben").project


def record(project, reading, number):
    """Let the reading's person say what it asks for."""
    take = word(1, number)
    quality = judge(take.pcm, take.start_s, take.end_s, reading.kind)
    clip = NewClip(
        reading.kind,
        take.pcm,
        pcm_sha256(take.pcm),
        "microphone",
        quality,
        take.start_s,
        take.end_s,
        speaker=reading.speaker,
        style=reading.style,
        note=reading.note,
    )
    project.add_clips([clip])


def test_thirty_takes_are_said_in_every_way_and_neighbours_differ(project):
    project.add_person("Ben", child=False, consent=True)
    reading = WakeWordReading(project, "Ben")
    styles, rests = [], []
    for number in range(sum(GOAL.values())):
        styles.append(reading.style)
        record(project, reading, number)
        if reading.rest() is not None:
            rests.append(number + 1)
        reading.advance()
    assert {style: styles.count(style) for style in GOAL} == dict(GOAL)
    assert rests == [10, 20, 30]
    same = sum(one is other for one, other in pairwise(styles))
    assert same == 0


def test_after_the_last_take_the_next_person_is_named(project):
    project.add_person("Ben", child=False, consent=True)
    reading = WakeWordReading(project, "Ben")
    for number in range(30):
        record(project, reading, number)
        reading.advance()
    assert reading.rest().actions == (Action.ADD_PERSON, Action.TRAIN)
    reading.following = Speaker("Mia", child=True, taken=8, goal=30)
    assert reading.rest().title == "Ben is done"
    assert reading.rest().text == "Take 30 kept. Next: Mia (8 of 30)."
    assert reading.rest().actions == (Action.NEXT_PERSON,)


def test_a_skipped_way_of_speaking_comes_later(project):
    project.add_person("Ben", child=False, consent=True)
    reading = WakeWordReading(project, "Ben")
    first = reading.style
    reading.skip()
    assert reading.style is not first


def test_near_phrases_come_one_after_the_other(project):
    project.add_person("Ben", child=False, consent=True)
    reading = NearReading(project, "Ben", ["kosima", "rosita"])
    record(project, reading, 0)
    assert reading.rest() is None
    reading.advance()
    assert reading.phrase == "rosita"
    record(project, reading, 1)
    assert reading.rest().title == "All phrases done"


def test_the_next_person_is_the_next_who_is_not_done():
    people = [Speaker("Anna", False, 30, 30), Speaker("Ben", False, 3, 30), Speaker("Mia", True, 8, 30)]
    assert next_speaker(people, "Anna").name == "Ben"
    assert next_speaker(people, "Mia").name == "Ben"
    assert next_speaker(people, "").name == "Ben"
    assert next_speaker(people[:2], "Ben") is None


def test_texts_are_read_in_turn_and_then_talk_is_free():
    texts = talk_texts("de-AT")
    read = {}
    seen = []
    while (key := next_text(texts, read)) not in seen and len(seen) < 20:
        seen.append(key)
        read[key] = 50.0
    assert len(seen) == 7
    assert seen[-1] == FREE
    assert next_text(talk_texts("fi"), {}) == FREE


@pytest.mark.parametrize("kind", [ClipKind.WAKE_WORD, ClipKind.SPEECH, ClipKind.AMBIENCE])
def test_what_is_left_has_something_to_say(project, kind):
    project.add_person("Ben", child=False, consent=True)
    title, items, why = what_is_left(project, kind, "Ben", talk_texts("en"), FREE, None)
    assert title.endswith("hat is left")
    assert items
    assert not any(item.done for item in items)
    assert why.endswith(".")


@pytest.mark.parametrize("code", FAULTS)
def test_every_fault_says_what_happened_and_what_to_do(code):
    first = fault(code, "kosita {x}", "USB {y}", again=False)
    second = fault(code, "kosita {x}", "USB {y}", again=True)
    for answer in (first, second):
        assert answer.kind == "warn"
        assert answer.text.endswith(".")
        assert "!" not in answer.title + answer.text
        assert "{phrase}" not in answer.text
        assert "{microphone}" not in answer.text
    assert first.text.endswith("This take is not counted.")
    assert second.text.startswith("Twice in a row: ")


def test_times_have_their_units():
    assert seconds_text(59.6) == "1:00"
    assert minutes_text(52) == "52\N{NO-BREAK SPACE}s"
    assert minutes_text(250) == "4:10\N{NO-BREAK SPACE}min"


@pytest.mark.parametrize("hertz", [200, 1000, 5000])
def test_a_tone_stands_at_its_pitch(hertz):
    tone = (8000 * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)).astype(np.int16)
    levels = band_levels(tone)
    assert levels.shape == (40, 98)
    loudest = levels.sum(axis=1, dtype=np.int64).argmax()
    mel = 2595 * np.log10(1 + hertz / 700)
    low, high = (2595 * np.log10(1 + edge / 700) for edge in (80, 7600))
    assert 39 - loudest == pytest.approx(40 * (mel - low) / (high - low), abs=1.5)


def test_the_live_picture_is_the_same_however_the_sound_comes(qtbot):
    sound = word(1, 1).pcm
    views = [LiveSpectrogram(1.0) for _ in range(2)]
    for view, step in zip(views, (len(sound), 531), strict=True):
        qtbot.addWidget(view)
        for start in range(0, len(sound), step):
            view.feed(sound[start : start + step])
    assert np.array_equal(views[0]._live, views[1]._live)
    assert views[0]._live.any()


def test_a_long_phrase_fits_in_the_place_of_a_short_one(qtbot):
    view = WordView()
    qtbot.addWidget(view)
    view.resize(520, view.sizeHint().height())
    short = view._fitting("“kosita”").pointSizeF()
    long = view._fitting("“wake up now please my dear little helper in the kitchen room”").pointSizeF()
    assert long < short
    assert view.sizeHint().height() == view.height()
