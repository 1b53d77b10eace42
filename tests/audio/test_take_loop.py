import numpy as np
import pytest
from synthetic_speech import word

from mww_studio.audio.take_loop import (
    IGNORED_S,
    LATEST_END_S,
    NOTHING_AFTER_S,
    OVER_AFTER_S,
    SpeechBegan,
    TakeLoop,
    TakeOutcome,
    TakeVerdict,
)
from mww_studio.project.records import ClipKind, Style

RATE = 16000
BEFORE_S = 2.0


def room(seconds, rms=10, seed=0):
    return np.random.default_rng(seed).normal(0, rms, round(seconds * RATE)).astype(np.int16)


def said(pcm, at_s, whole_s=9.0, rms=10):
    """A room in which ``pcm`` sounds ``at_s`` after the take was asked for, which is after BEFORE_S."""
    sound = room(whole_s, rms).astype(np.int32)
    start = round((BEFORE_S + at_s) * RATE)
    sound[start : start + len(pcm)] += pcm
    return sound.clip(-32768, 32767).astype(np.int16)


def spoken(who=0, take=0, gain=1.0):
    """The word alone, without the quiet around it."""
    one = word(who, take)
    pcm = one.pcm[round(one.start_s * RATE) : round(one.end_s * RATE)]
    return (pcm * gain).clip(-32768, 32767).astype(np.int16)


def listen(sound, size=533, loop=None, lose_at_s=None):
    """What one take makes of a sound, with the second in which it was known."""
    loop = loop or TakeLoop()
    begin = round(BEFORE_S * RATE)
    loop.feed(sound[:begin])
    loop.start()
    events = []
    for start in range(begin, len(sound), size):
        if lose_at_s is not None and start / RATE - BEFORE_S >= lose_at_s:
            loop.lose()
            lose_at_s = None
        for event in loop.feed(sound[start : start + size]):
            events.append(event)
            if isinstance(event, TakeOutcome):
                return event, (start + size) / RATE - BEFORE_S, events
    return None, None, events


def test_a_word_is_taken_as_it_was_and_soon_after_it_was_said():
    for who in range(4):
        for number in range(3):
            pcm = spoken(who, number)
            sound = said(pcm, 0.8)
            outcome, known_s, events = listen(sound)
            assert outcome.verdict is TakeVerdict.GOOD
            assert isinstance(events[0], SpeechBegan)
            assert outcome.pcm.tobytes() in sound.tobytes()
            assert outcome.speech_s == pytest.approx(len(pcm) / RATE, abs=0.05)
            ended_s = 0.8 + len(pcm) / RATE
            assert ended_s + OVER_AFTER_S - 0.1 < known_s < ended_s + OVER_AFTER_S + 0.15
            start = sound.tobytes().index(outcome.pcm.tobytes()) / 2 / RATE - BEFORE_S
            assert start >= IGNORED_S
            assert start + outcome.speech_start_s == pytest.approx(0.8, abs=0.03)


def test_a_take_does_not_depend_on_the_pieces():
    sound = said(spoken(), 0.8)
    first, *others = [listen(sound, size)[0] for size in (1, 160, 533, 4000)]
    for other in others:
        np.testing.assert_array_equal(other.pcm, first.pcm)
        assert (other.verdict, other.speech_start_s, other.quality) == (
            first.verdict,
            first.speech_start_s,
            first.quality,
        )


def test_the_click_of_the_key_is_no_speech():
    click = (np.random.default_rng(1).normal(0, 8000, round(0.1 * RATE)) * np.hanning(1600)).astype(np.int16)
    outcome, known_s, events = listen(said(click, 0.03))
    assert outcome.verdict is TakeVerdict.NOTHING
    assert not any(isinstance(event, SpeechBegan) for event in events)
    assert known_s == pytest.approx(IGNORED_S + NOTHING_AFTER_S, abs=0.1)
    assert not outcome.keepable


def test_a_knock_before_the_word_does_not_end_the_take():
    sound = said(spoken(), 1.6)
    knock = round((BEFORE_S + 0.5) * RATE)
    sound[knock : knock + 960] += np.random.default_rng(1).normal(0, 8000, 960).astype(np.int16)
    outcome, _known_s, _events = listen(sound)
    assert outcome.verdict is TakeVerdict.GOOD
    assert outcome.speech_s == pytest.approx(len(spoken()) / RATE, abs=0.05)


def test_the_background_is_known_from_before():
    """Said at once and with a fan running: nothing is quiet before the word within the take."""
    outcome, _known_s, _events = listen(said(spoken(gain=1.5), 0.3, rms=120))
    assert outcome.verdict is TakeVerdict.GOOD
    assert outcome.speech_s == pytest.approx(len(spoken()) / RATE, abs=0.1)


@pytest.mark.parametrize(
    ("sound", "verdict", "keepable"),
    [
        (said(spoken(gain=30), 0.8), TakeVerdict.CLIPPED, True),
        (said(spoken(gain=0.03), 0.8, rms=2), TakeVerdict.TOO_QUIET, True),
        (said(spoken(gain=0.3), 0.8, rms=400), TakeVerdict.NOISY, True),
        (said(spoken(), 0.0), TakeVerdict.CUT_START, False),
        (said(np.concatenate([spoken()] * 7), 0.5), TakeVerdict.TOO_LONG, True),
        (said(np.concatenate([spoken()] * 6), 3.0), TakeVerdict.CUT_END, False),
        (room(9.0), TakeVerdict.NOTHING, False),
        (np.zeros(9 * RATE, np.int16), TakeVerdict.NOTHING, False),
    ],
)
def test_what_is_wrong_with_a_take_is_said(sound, verdict, keepable):
    outcome, known_s, _events = listen(sound)
    assert (outcome.verdict, outcome.keepable, outcome.good) == (verdict, keepable, False)
    assert known_s <= IGNORED_S + LATEST_END_S + 0.1


def test_lost_sound_spoils_the_take_in_which_it_was_lost():
    sound, loop = said(spoken(), 0.8), TakeLoop()
    assert listen(sound, loop=loop, lose_at_s=1.0)[0].verdict is TakeVerdict.OVERFLOW
    assert listen(sound, loop=loop)[0].verdict is TakeVerdict.GOOD


def test_take_follows_take_and_one_can_be_dropped():
    loop = TakeLoop()
    for number in range(3):
        outcome, _known_s, _events = listen(said(spoken(number), 0.6), loop=loop)
        assert outcome.good
        assert not loop.listening
    loop.start()
    assert loop.listening
    loop.drop()
    assert not loop.listening
    assert loop.feed(said(spoken(), 0.5)) == []


def test_idle_hours_take_no_memory():
    loop = TakeLoop()
    for number in range(60):
        loop.feed(room(1.0, seed=number))
    assert len(loop._pcm) < 4 * RATE
    assert len(loop._power) < 400


def test_a_take_becomes_a_clip_and_a_bad_one_is_marked_as_kept():
    outcome, _known_s, _events = listen(said(spoken(), 0.8))
    clip = outcome.clip("Mia", "microphone", style=Style.FAR)
    assert (clip.kind, clip.speaker, clip.style, clip.kept) == (ClipKind.WAKE_WORD, "Mia", Style.FAR, False)
    assert clip.speech_start_s == outcome.speech_start_s
    quiet, _known_s, _events = listen(said(spoken(gain=0.03), 0.8, rms=2))
    assert quiet.clip("Mia", "microphone").kept
