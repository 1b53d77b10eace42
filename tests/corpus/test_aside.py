from pathlib import Path

import numpy as np
import pytest

from mww_studio.corpus import aside
from mww_studio.corpus.aside import laid_aside


@pytest.mark.parametrize("in_memory", [0, 1, 10, 24, 25])
def test_wherever_they_lie_the_parts_are_end_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: int
) -> None:
    monkeypatch.setattr(aside, "_FRAMES_IN_MEMORY", in_memory)
    parts = [np.full((frames, 40), frames, np.uint16) for frames in (3, 0, 7, 1, 14)]
    whole = laid_aside(iter(parts), tmp_path)
    np.testing.assert_array_equal(whole, np.concatenate(parts))
    assert isinstance(whole.base, np.memmap) is (in_memory < 25)
    assert whole.dtype == np.uint16
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_an_array_too() -> None:
    assert laid_aside([]).shape == (0, 40)


def test_they_stay_when_the_file_has_no_name_any_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "_FRAMES_IN_MEMORY", 5)
    one, other = (laid_aside([np.full((9, 40), value, np.uint16)], tmp_path) for value in (1, 2))
    tail = one[4:]
    del one
    assert (tail == 1).all()
    assert (other == 2).all()
