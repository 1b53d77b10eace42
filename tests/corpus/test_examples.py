import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psutil
import pytest
from synthetic_speech import Pcm, talk, word

from mww_studio.audio.files import write_wav
from mww_studio.corpus import examples
from mww_studio.corpus.augmentation import Augmenter, Surroundings
from mww_studio.corpus.examples import ExampleMaker
from mww_studio.corpus.features import device_features
from mww_studio.errors import Cancelled
from mww_studio.presets import Augmentation
from mww_studio.progress import Progress
from mww_studio.project.records import Clip, ClipKind, Quality, pcm_sha256

FRAMES = 358
PLAIN = Augmentation(
    equaliser=0, distortion=0, pitch_shift=0, speed=0, band_stop=0, narrow_band=0, coloured_noise=0, background=0,
    room=0, digital_silence=1, clipping=0, isolated=1, peak_dbfs=(-6, -6),
)  # fmt: skip
QUIET = Surroundings([], [])


class Counter(Progress):
    """Counts the examples that were computed; ``stop_at`` cancels after so many."""

    def __init__(self, stop_at: int = 1_000_000) -> None:
        self.computed = 0
        self.stop_at = stop_at

    def step(self, done: int, **figures: float | str) -> None:
        self.computed += 1
        assert done <= int(figures["total"])

    def check_cancelled(self) -> None:
        if self.computed >= self.stop_at:
            raise Cancelled


def saved(folder: Path, pcm: Pcm, kind: ClipKind, speech: tuple[float, float] | None = None) -> Clip:
    digest = pcm_sha256(pcm)
    write_wav(folder / f"{digest[:16]}.wav", pcm)
    start, end = speech or (None, None)
    return Clip(
        int(digest[:6], 16), kind, f"{digest[:16]}.wav", digest, len(pcm) / 16000, start, end, None, "", digest, "",
        None, Quality(-6.0, -20.0, None, 0.0, 0.0), datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


@pytest.fixture
def takes(tmp_path: Path) -> list[Clip]:
    said = [word(who, 1) for who in range(3)]
    return [saved(tmp_path, take.pcm, ClipKind.WAKE_WORD, (take.start_s, take.end_s)) for take in said]


class InThisProcess:
    """Stands in for the pool of processes where they are not what is tested: each takes seconds to start."""

    def __init__(self, _workers: int, _context: object, _prepare: object, settings: tuple[Augmentation, Surroundings]):
        self._augmenter = Augmenter(*settings)

    def map(self, function: Callable[..., object], tasks: Sequence[object], chunksize: int) -> Iterator[object]:
        assert chunksize > 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(examples, "_augmenter", self._augmenter, raising=False)
            yield from map(function, tasks)


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "ProcessPoolExecutor", InThisProcess)


def maker(folder: Path, settings: Augmentation = PLAIN, surroundings: Surroundings = QUIET) -> ExampleMaker:
    return ExampleMaker(folder, folder / "cache", settings, surroundings, workers=2)


@pytest.mark.usefixtures("in_this_process")
def test_words_end_where_the_labels_say(tmp_path: Path) -> None:
    # A click at the end of the speech can be seen in the features.
    pcm = np.zeros(16000, np.int16)
    pcm[11990:12000] = 20000
    clip = saved(tmp_path, pcm, ClipKind.WAKE_WORD, (0.25, 0.75))
    words = maker(tmp_path).words([clip], 12, FRAMES, Progress())
    assert words.streams.shape == (12, FRAMES, 40)
    assert words.streams.dtype == np.uint16
    assert len(set(words.end_frames.tolist())) == 12
    heard = words.streams.sum(axis=2) > 2000
    first = heard.argmax(axis=1)
    # The window of the first frame that hears the click reaches just over it: it began up to 30 ms before the end.
    assert np.all(np.abs(first + 2.5 - words.end_frames) <= 1.5)
    assert np.all((words.end_frames > FRAMES - 76) & (words.end_frames < FRAMES - 26))


@pytest.mark.usefixtures("in_this_process")
def test_whole_streams_are_the_clip_and_its_augmented_copies(tmp_path: Path) -> None:
    pcm = talk(3.0, who=5)
    clip = saved(tmp_path, pcm, ClipKind.SPEECH)
    plain, *copies = maker(tmp_path, Augmentation(), Surroundings([talk(4.0, 6)], [])).streams([clip], 3, Progress())
    np.testing.assert_array_equal(plain, device_features(pcm))
    assert len(copies) == 3
    assert len({copy.tobytes() for copy in copies}) == 3


@pytest.mark.usefixtures("in_this_process")
def test_nothing_is_computed_twice(tmp_path: Path, takes: list[Clip]) -> None:
    first, again, more = Counter(), Counter(), Counter()
    words = maker(tmp_path).words(takes, 2, FRAMES, first)
    same = maker(tmp_path).words(takes, 2, FRAMES, again)
    assert (first.computed, again.computed) == (6, 0)
    np.testing.assert_array_equal(words.streams, same.streams)
    np.testing.assert_array_equal(words.end_frames, same.end_frames)
    maker(tmp_path).words(takes, 3, FRAMES, more)
    assert more.computed == 3


@pytest.mark.usefixtures("in_this_process")
def test_other_settings_or_surroundings_give_other_examples(tmp_path: Path, takes: list[Clip]) -> None:
    def computed(settings: Augmentation, surroundings: Surroundings) -> int:
        counter = Counter()
        maker(tmp_path, settings, surroundings).words(takes, 1, FRAMES, counter)
        maker(tmp_path, settings, surroundings).streams(takes[:1], 0, counter)
        return counter.computed

    noise = np.ones(16000, np.int16)
    assert computed(PLAIN, QUIET) == 4
    # A clip as it is does not depend on them, and is kept.
    assert computed(PLAIN.model_copy(update={"room": 0.1}), QUIET) == 3
    assert computed(PLAIN, Surroundings([noise], [])) == 3
    assert computed(PLAIN, Surroundings([noise * 2], [])) == 3
    assert computed(PLAIN, QUIET) == 0
    # How many there are does not change what each of them is.
    assert computed(PLAIN.model_copy(update={"positive_examples": 7, "negative_copies": 5}), QUIET) == 0


def test_the_number_of_processes_changes_nothing(tmp_path: Path, takes: list[Clip]) -> None:
    surroundings = Surroundings([talk(4.0, 6)], [])
    results = []
    for workers in (1, 3):
        cache = tmp_path / f"cache {workers}"
        with ExampleMaker(tmp_path, cache, Augmentation(), surroundings, workers=workers) as made:
            results.append(made.words(takes, 2, FRAMES, Progress()).streams)
    np.testing.assert_array_equal(*results)


@pytest.mark.usefixtures("in_this_process")
def test_pieces_come_from_all_clips_by_their_length(tmp_path: Path) -> None:
    clips: Sequence[Clip] = [saved(tmp_path, talk(seconds, 5), ClipKind.SPEECH) for seconds in (12.0, 3.0, 0.2)]
    pieces = maker(tmp_path).pieces(clips, 20, FRAMES, Progress())
    assert pieces.streams.shape == (20, FRAMES, 40)
    assert len({piece.tobytes() for piece in pieces.streams}) == 20
    loudness = pieces.streams.sum(axis=2)
    for heard, end in zip(loudness, pieces.end_frames, strict=True):
        assert heard[int(end) + 3 :].max() < heard[: int(end) + 3].max()
        assert heard[int(end) + 12 :].max() < 4000
    assert np.all(loudness[:, : FRAMES - 250].max(axis=1) < 2000)


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.2])
def test_speech_shorter_than_a_word_is_a_piece_as_it_is(tmp_path: Path, seconds: float) -> None:
    clip = saved(tmp_path, talk(1.0, 5)[: int(seconds * 16000)], ClipKind.SPEECH)
    assert maker(tmp_path).pieces([clip], 2, FRAMES, Progress()).streams.shape == (2, FRAMES, 40)


def test_no_clips_give_no_examples(tmp_path: Path) -> None:
    nothing = maker(tmp_path)
    for none in (nothing.words([], 5, FRAMES, Progress()), nothing.pieces([], 5, FRAMES, Progress())):
        assert none.streams.shape == (0, 0, 40)
        assert none.end_frames.shape == (0,)
    assert nothing.streams([], 2, Progress()) == []


def test_cancel_keeps_nothing_half_done_and_ends_the_processes(tmp_path: Path, takes: list[Clip]) -> None:
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(Cancelled), maker(tmp_path) as made:
        made.words(takes, 200, FRAMES, Counter(stop_at=5))
    left = [child for child in psutil.Process().children(recursive=True) if child not in before]
    assert not [child for child in left if "resource_tracker" not in " ".join(child.cmdline())]
    assert not list((tmp_path / "cache").iterdir())
    with maker(tmp_path) as made:
        made.words(takes, 1, FRAMES, Progress())
        made.words(takes, 2, FRAMES, Progress())


@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
def test_the_processes_go_with_the_one_that_started_them(tmp_path: Path) -> None:
    script = """
import sys, numpy as np
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_examples import PLAIN, Counter, maker, saved
from mww_studio.project.records import ClipKind
from synthetic_speech import word

class Loud(Counter):
    def step(self, done, **figures):
        super().step(done, **figures)
        print(done, flush=True)

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    take = word(1, 1)
    clip = saved(folder, take.pcm, ClipKind.WAKE_WORD, (take.start_s, take.end_s))
    maker(folder).words([clip], 100000, 358, Loud())
"""
    program = tmp_path / "program.py"
    program.write_text(script, encoding="utf-8")
    here = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(here.parents[1]), str(here.parent / "support")])}
    with subprocess.Popen(
        [sys.executable, str(program), str(tmp_path), str(here)], stdout=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) >= 2
        process.send_signal(signal.SIGKILL)
        process.wait()
        _, alive = psutil.wait_procs(children, timeout=20)
        assert not alive
