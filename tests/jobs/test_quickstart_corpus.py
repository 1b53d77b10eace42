from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from mww_studio.corpus.phrases import NearPhrase, near_phrases
from mww_studio.corpus.voices import Check, Line, Speaker, Speech, Voice, side_of_voice
from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs.quickstart_corpus import Corpus, CorpusBudget, EngineShare, fill_project, synthesise_corpus
from mww_studio.progress import Progress
from mww_studio.project.records import ClipKind, Split
from mww_studio.project.store import Project

SMALL = CorpusBudget(
    synthesis_s=60,
    near_phrases=12,
    ambience_s=180,
    shares=(("hum", EngineShare(12, 24, 30)), ("no", EngineShare(1, 1, 1))),
)


class Hum:
    """An engine whose three voices stand on three sides."""

    name = "hum"
    about = "It hums."
    licence = "none"
    says_ipa = False

    def __init__(self, dead: bool = False) -> None:
        self.dead = dead

    def missing(self) -> str:
        return ""

    def version(self) -> str:
        return "1"

    def voices(self, language: str) -> list[Voice]:
        return [Voice(self.name, name, language) for name in ("one", "two", "three", "four")]

    @contextmanager
    def open(self) -> Iterator[Speaker]:
        if self.dead:
            raise StudioError("voices.died", "The voice engine hum ended with status 1.")
        yield self

    def busy_s(self) -> float:
        return 0.0

    def speak(self, line: Line, check: Check) -> Speech:
        check()
        seed = int.from_bytes(sha256(repr(line).encode()).digest()[:4])
        hz = 90 + seed % 150
        t = np.arange(round((0.3 + 0.05 * len(line.text)) * 16000)) / 16000
        voice = sum(np.sin(2 * np.pi * hz * n * t) / n for n in range(1, 20))
        wave = 5000 * voice * (0.1 + np.abs(np.sin(2 * np.pi * 2.5 * t))) * np.hanning(len(t)) ** 0.3
        quiet = np.zeros(4000)
        noise = np.random.default_rng(seed).normal(0, 3, len(wave) + 8000)
        return Speech(np.rint(np.concatenate([quiet, wave, quiet]) + noise).astype(np.int16), 16000)


class No(Hum):
    name = "no"

    def missing(self) -> str:
        return "install it"


@cache
def found(phrase: str, language: str, limit: int) -> list[NearPhrase]:
    return near_phrases(phrase, language, limit)


def found_before(phrase: str, language: str, limit: int, check: Check) -> list[NearPhrase]:
    """Looks for the phrases of a word once in all these tests: it takes longer than all the rest."""
    check()
    return found(phrase, language, limit)


@pytest.fixture(scope="module", autouse=True)
def three_sides() -> Iterator[None]:
    held_out = {"hum:two": Split.VALIDATION, "hum:three": Split.TEST}
    for side in (Split.VALIDATION, Split.TEST):
        held_out[f"noise:{side}"] = side
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mww_studio.corpus.voices._HELD_OUT", held_out)
        patch.setattr("mww_studio.jobs.quickstart_corpus.near_phrases", found_before)
        yield


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache of what was said for the corpus."""
    return tmp_path_factory.mktemp("said")


@pytest.fixture(scope="module")
def corpus(said: Path) -> Corpus:
    return synthesise_corpus("hey computer", "en", budget=SMALL, installed=[Hum(), No()], cache=said)


def test_every_kind_is_there(corpus: Corpus) -> None:
    assert len(corpus.of(ClipKind.WAKE_WORD)) == 12
    assert len(corpus.of(ClipKind.NEAR)) == 24
    assert len(corpus.of(ClipKind.SPEECH)) == 30
    assert sum(len(clip.pcm) for clip in corpus.of(ClipKind.AMBIENCE)) == 180 * 16000
    assert corpus.engines == ("hum",)
    assert corpus.problems == ("no is not used: install it.",)


def test_clips_say_what_they_are(corpus: Corpus) -> None:
    for clip in corpus.clips:
        assert clip.engine is not None
        assert clip.licence
        assert clip.pcm.dtype == np.int16
        if clip.kind is ClipKind.AMBIENCE:
            assert clip.speaker is None
            assert clip.speech_start_s is None
        else:
            assert clip.speaker == clip.engine
            assert clip.speech_start_s is not None
            assert clip.speech_end_s is not None
            assert 0 <= clip.speech_start_s < clip.speech_end_s <= len(clip.pcm) / 16000
    assert all("hey computer" in clip.source.lower() for clip in corpus.of(ClipKind.WAKE_WORD))
    assert not any("hey computer" in clip.source.lower() for clip in corpus.of(ClipKind.NEAR))


def test_every_side_has_every_kind_and_no_sentence_twice(corpus: Corpus) -> None:
    sides = defaultdict(set)
    texts = defaultdict(set)
    for clip in corpus.clips:
        assert clip.engine is not None
        side = side_of_voice(clip.engine)
        sides[clip.kind].add(side)
        if clip.kind is ClipKind.SPEECH:
            texts[side].add(clip.source.split('"')[1])
    assert all(found == set(Split) for found in sides.values())
    for side in Split:
        assert not texts[side] & set().union(*(texts[other] for other in Split if other is not side))


def test_another_phrase_says_the_same_sentences(corpus: Corpus, said: Path) -> None:
    other = synthesise_corpus("okay robot", "en", budget=SMALL, installed=[Hum()], cache=said)
    assert {clip.source for clip in other.of(ClipKind.SPEECH)} == {clip.source for clip in corpus.of(ClipKind.SPEECH)}


def test_a_small_budget_leaves_a_bit_of_everything(tmp_path: Path) -> None:
    class Slow(Hum):
        said = 0

        def busy_s(self) -> float:
            return float(self.said)

        def speak(self, line: Line, check: Check) -> Speech:
            self.said += 1
            return super().speak(line, check)

    budget = CorpusBudget(synthesis_s=20.5, near_phrases=12, ambience_s=15, shares=SMALL.shares)
    made = synthesise_corpus("hey computer", "en", budget=budget, installed=[Slow()], cache=tmp_path)
    counts = {kind: len(made.of(kind)) for kind in ClipKind}
    assert counts[ClipKind.WAKE_WORD] >= 3
    assert counts[ClipKind.NEAR] >= 6
    assert counts[ClipKind.SPEECH] >= 8
    assert sum(counts.values()) == 21 + 1


def test_a_robot_says_the_word_only_where_nobody_else_does(tmp_path: Path) -> None:
    class Robot(Hum):
        name = "espeak-ng"

    budget = CorpusBudget(
        near_phrases=4, ambience_s=15, shares=(("espeak-ng", EngineShare(8, 2, 2)), ("hum", EngineShare(8, 2, 2)))
    )
    both = synthesise_corpus("hey computer", "en", budget=budget, installed=[Hum(), Robot()], cache=tmp_path)
    assert {clip.engine.split(":")[0] for clip in both.of(ClipKind.WAKE_WORD) if clip.engine} == {"hum"}
    assert set(both.engines) == {"espeak-ng", "hum"}
    alone = synthesise_corpus("hey computer", "en", budget=budget, installed=[Robot()], cache=tmp_path)
    assert len(alone.of(ClipKind.WAKE_WORD)) == 8


def test_no_voice_at_all_is_a_clear_error(tmp_path: Path) -> None:
    for engines, reason in (([No()], "install it"), ([Hum(dead=True)], "ended with status 1"), ([], "")):
        with pytest.raises(StudioError) as caught:
            synthesise_corpus("hey computer", "en", budget=SMALL, installed=engines, cache=tmp_path)
        assert caught.value.code == "voices.none"
        assert reason in caught.value.why


@pytest.mark.parametrize("stop_at", ["near-sounding phrases", "voices", "noise"])
def test_cancel(tmp_path: Path, stop_at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopping(Progress):
        stopped = False

        def phase(self, name: str, total: int = 0) -> None:  # noqa: ARG002
            self.stopped = self.stopped or name == stop_at

        def check_cancelled(self) -> None:
            if self.stopped:
                raise Cancelled

    phrase = "hey computer"
    if stop_at == "near-sounding phrases":  # while they are really looked for
        phrase = "hey nobody"
        monkeypatch.setattr("mww_studio.jobs.quickstart_corpus.near_phrases", near_phrases)
    with pytest.raises(Cancelled):
        synthesise_corpus(phrase, "en", budget=SMALL, progress=Stopping(), installed=[Hum()], cache=tmp_path)


def test_fill_project(tmp_path: Path, said: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mww_studio.jobs.quickstart_corpus.engines", lambda: [Hum()])
    monkeypatch.setattr("mww_studio.corpus.synthesis.speech_cache", lambda: said)
    with Project.create(tmp_path / "project", "hey computer") as project:
        made = fill_project(project, "hey computer", "en", budget=SMALL)
        clips = project.clips()
        assert len(clips) == len(made.clips)
        assert {clip.engine for clip in clips} == {clip.engine for clip in made.clips}
        assert project.clips(ClipKind.WAKE_WORD)[0].speaker is not None
