from pathlib import Path

import numpy as np
import pytest

from mww_studio.errors import StudioError
from mww_studio.evaluation.listening import Heard, HeardAmbience, HeardWord
from mww_studio.jobs.examination import mark_tried, read_examination, read_heard, was_tried, write_heard

BYTES = np.random.default_rng(1).integers(0, 256, 500).astype(np.uint8)


def same(one: Heard, other: Heard) -> bool:
    def plain(heard: Heard) -> object:
        words = [(w.id, w.word_start_s, w.speech_end_s, w.speaker, w.probabilities.tolist()) for w in heard.words]
        streams = [(s.id, s.source, s.hours, s.probabilities.tolist()) for s in heard.ambience]
        return heard.runtime, heard.stride, words, streams

    return plain(one) == plain(other)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_what_a_model_said_comes_back(tmp_path: Path, count: int) -> None:
    heard = Heard(
        "exact",
        3,
        [
            HeardWord(f"a/ü{n}.wav", BYTES[n : 40 * n], 0.5, None if n else 1.25, "Jörg" if n else None)
            for n in range(count)
        ],
        [HeardAmbience(f"b/{n}.wav", BYTES[: 30 * n], f"radio {n}", n / 7) for n in range(count)],
    )
    write_heard(heard, tmp_path / "heard.npz")
    back = read_heard(tmp_path / "heard.npz")
    assert same(back, heard)
    assert all(stream.probabilities.dtype == np.uint8 for stream in back.ambience)


@pytest.mark.parametrize("content", [None, b"", b"no archive", b"PK\x03\x04"])
def test_a_run_without_them_says_to_train_again(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "heard.npz").write_bytes(content)
    with pytest.raises(StudioError) as caught:
        read_heard(tmp_path / "heard.npz")
    assert caught.value.code == "results.old"
    assert "Train again" in caught.value.do


@pytest.mark.parametrize("content", [None, b"", b"{}"])
def test_a_run_without_results_says_so(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "examination.json").write_bytes(content)
    with pytest.raises(StudioError) as caught:
        read_examination(tmp_path)
    assert caught.value.code == "results.none"


def test_a_run_that_was_tried_is_remembered(tmp_path: Path) -> None:
    assert not was_tried(tmp_path)
    mark_tried(tmp_path)
    assert was_tried(tmp_path)
