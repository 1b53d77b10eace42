"""What a training makes of a project's clips: who has which share of a batch."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from mww_studio.corpus.examples import ExampleMaker, PlacedExamples
from mww_studio.corpus.negatives import Used
from mww_studio.jobs import train
from mww_studio.jobs.spec import TrainSpec
from mww_studio.presets import load_preset
from mww_studio.progress import Progress
from mww_studio.project.records import Clip, ClipKind, Quality, Split

QUALITY = Quality(-6.0, -20.0, None, 0.0, 0.0)
PRESET = load_preset("standard")


class Pretended(ExampleMaker):
    """Makes examples that tell whose they are: every value is the clip's number."""

    def __init__(self) -> None:
        self.versions: dict[int, int] = {}

    def words(self, clips: Sequence[Clip], variants: int, frames: int, progress: Progress) -> PlacedExamples:  # noqa: ARG002
        self.versions |= {clip.id: variants for clip in clips}
        numbers = np.repeat([clip.id for clip in clips], variants).astype(np.uint16)
        streams = np.broadcast_to(numbers[:, None, None], (len(numbers), 4, 40)).copy()
        return PlacedExamples(streams, np.zeros(len(numbers), np.float32))

    def streams(self, clips: Sequence[Clip], copies: int, progress: Progress) -> list[np.ndarray]:  # noqa: ARG002
        return [np.full((100, 40), clip.id, np.uint16) for clip in clips for _ in range(1 + copies)]


def clip(
    number: int, kind: ClipKind, *, source: str = "", engine: str | None = None, speaker: str | None = None
) -> Clip:
    return Clip(
        number, kind, f"audio/{number}.wav", f"{number:064x}", 2.0, 0.5, 1.2, speaker, source,
        f"file {number}", "", engine, QUALITY, datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def spec(clips: Sequence[Clip]) -> TrainSpec:
    return TrainSpec(
        project=Path(),
        wake_word="word",
        language="en",
        author="",
        preset=PRESET,
        seed=0,
        clips=tuple(clips),
        splits=dict.fromkeys((one.id for one in clips), Split.TRAIN),
        speakers_apart=False,
    )


def takes(real: int, voices: int) -> list[Clip]:
    people = [clip(n, ClipKind.WAKE_WORD) for n in range(1, 1 + real)]
    return people + [clip(1000 + n, ClipKind.WAKE_WORD, engine="piper:joe") for n in range(voices)]


def test_many_voices_leave_few_takes_their_versions_and_their_share() -> None:
    maker = Pretended()
    real, voices = train._words(spec(takes(20, 900)), maker, 4, Progress())
    assert voices.share == PRESET.training.synthetic_share
    assert real.share == pytest.approx(1 - voices.share)
    assert set(np.unique(real.examples.streams)) == set(range(1, 21))
    assert voices.examples.streams.min() >= 1000
    assert (maker.versions[1], maker.versions[1000]) == (PRESET.augmentation.positive_variants, 1)


def test_voices_alone_are_everything() -> None:
    maker = Pretended()
    (voices,) = train._words(spec(takes(0, 100)), maker, 4, Progress())
    assert voices.share == 1
    assert maker.versions[1000] == PRESET.augmentation.positive_examples // 100


def test_takes_alone_are_everything() -> None:
    drawn = train._words(spec(takes(30, 0)), Pretended(), 4, Progress())
    assert sum(len(portion.examples.streams) > 0 for portion in drawn) == 1


def test_other_sound_is_parted_by_where_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    published = Used("published", [], (np.full((500, 40), 99, np.uint16),), 7.0, "", False, Split.TRAIN)
    monkeypatch.setattr(train, "training_sets", lambda _: [published])
    clips = [
        clip(1, ClipKind.SPEECH, source="radio/a.wav"),
        clip(2, ClipKind.SPEECH, source="meeting/a.wav"),
        clip(3, ClipKind.SPEECH, source="radio/b.wav"),
        clip(4, ClipKind.SPEECH, source="radio/c.wav", speaker="Ada"),
        clip(5, ClipKind.SPEECH, engine="piper:joe"),
        clip(6, ClipKind.SPEECH, engine="piper:amy"),
        clip(7, ClipKind.AMBIENCE, source="radio/d.wav"),
    ]
    sources = list(train._sources(spec(clips), Pretended(), Progress()))
    versions = 1 + PRESET.augmentation.negative_copies
    found = [(set(np.unique(one.stream.cut(0, one.stream.frames)).tolist()), one.weight) for one in sources]
    ambience, read = PRESET.training.ambience_weight, PRESET.training.synthetic_speech_weight
    assert found == [({1, 3}, 1.0), ({2}, 1.0), ({4}, 1.0), ({5, 6}, read), ({7}, ambience), ({99}, 7.0)]
    assert [one.stream.frames for one in sources] == [
        200 * versions,
        100 * versions,
        100 * versions,
        200 * versions,
        100 * versions,
        500,
    ]
