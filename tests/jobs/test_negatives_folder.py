import numpy as np
import pytest
import soundfile

from mww_studio.corpus.negatives import examining_sets, installed_sets, sets_folder, training_sets
from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs.negatives_folder import FolderSpec, _free_name, add_folder, make_set, set_name
from mww_studio.presets import load_preset
from mww_studio.progress import Progress
from mww_studio.project.records import Split

PRESET = load_preset("standard")
RATE_HZ = 16000


@pytest.fixture(autouse=True)
def _data(tmp_path, monkeypatch):
    monkeypatch.setenv("MWW_STUDIO_DATA", str(tmp_path / "data"))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "Our kitchen").mkdir()
    return tmp_path / "Our kitchen"


def write_noise(path, seconds: float, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.random.default_rng(seed).normal(0, 0.05, int(seconds * RATE_HZ)), RATE_HZ)


def spec(folder, **more) -> FolderSpec:
    values = {"name": "kitchen-talk", "licence": "mine", "non_commercial": False, **more}
    return FolderSpec(folder=folder, **values)


def test_a_folder_becomes_a_set_once(folder):
    for number in range(8):
        write_noise(folder / "day" / f"{number}.flac", 1.0 + number / 10, number)
    made = add_folder(folder, Progress(), licence="CC0")
    assert made == sets_folder() / "our-kitchen"
    (note,) = installed_sets()
    assert (note.described.title, note.described.licence, note.files) == ("Our kitchen", "CC0", 8)
    (learned,) = training_sets(PRESET)
    chosen, counted = (
        next(used for used in examining_sets(PRESET) if used.side is side) for side in Split if side is not Split.TRAIN
    )
    # Every recording stands on one side, whole.
    assert [len(learned.items), len(chosen.items), len(counted.items)] == [6, 1, 1]
    seconds = learned.hours * 3600 + chosen.hours * 3600 + counted.hours * 3600
    assert seconds == pytest.approx(sum(1.0 + n / 10 for n in range(8)), abs=0.3)
    with pytest.raises(StudioError) as caught:
        add_folder(folder, Progress(), name="again")
    assert caught.value.code == "negatives.name"
    assert "already" in caught.value.what


def test_few_files_are_all_for_training_and_the_same_sound_counts_once(folder):
    for number in range(3):
        write_noise(folder / f"{number}.wav", 1.0, number)
    (folder / "copy.wav").write_bytes((folder / "1.wav").read_bytes())
    make_set(spec(folder), Progress())
    assert [len(used.items) for used in training_sets(PRESET)] == [3]
    assert examining_sets(PRESET) == []


def test_a_file_that_cannot_be_read_is_named_and_left_out(folder):
    write_noise(folder / "good.wav", 1.0, 0)
    (folder / "bad.wav").write_bytes(b"RIFFnonsense")
    (folder / "foreign.m4a").write_bytes(b"nonsense")
    added = make_set(spec(folder), Progress())
    assert sorted(path.name for path, _ in added.failed) == ["bad.wav", "foreign.m4a"]
    assert added.note.files == 1


@pytest.mark.parametrize("content", [None, b"nonsense"])
def test_a_folder_without_sound(folder, content):
    if content:
        (folder / "bad.wav").write_bytes(content)
    with pytest.raises(StudioError) as caught:
        make_set(spec(folder), Progress())
    assert caught.value.code == "negatives.nothing"
    assert not any(sets_folder().glob("*"))


def test_recordings_shorter_than_one_frame(folder):
    write_noise(folder / "click.wav", 0.01, 0)
    with pytest.raises(StudioError) as caught:
        make_set(spec(folder), Progress())
    assert caught.value.code == "negatives.nothing"
    assert not any(sets_folder().glob("*"))


def test_a_folder_that_is_not_there(folder):
    with pytest.raises(StudioError) as caught:
        make_set(spec(folder / "nowhere"), Progress())
    assert caught.value.code == "audio.not_found"


def test_a_cancel_leaves_nothing(folder):
    write_noise(folder / "1.wav", 1.0, 0)

    class CancelledWhileListening(Progress):
        listening = False

        def phase(self, name, total=0):  # noqa: ARG002 - as the worker's
            self.listening = name.startswith("Listening")

        def check_cancelled(self):
            if self.listening:
                raise Cancelled

    with pytest.raises(Cancelled):
        make_set(spec(folder), CancelledWhileListening())
    assert not any(sets_folder().glob("*"))


@pytest.mark.parametrize("name", ["Speech", "a b", "../x", ".hidden", "x" * 65, "speech"])
def test_a_name_that_cannot_be_one(folder, name):
    with pytest.raises(StudioError) as caught:
        add_folder(folder, Progress(), name=name)
    assert caught.value.code == "negatives.name"


@pytest.mark.parametrize(
    ("called", "name"), [("Küche & Bad", "k-che-bad"), ("...", "recordings"), ("TV_2024", "tv-2024")]
)
def test_a_name_is_made_of_the_folders(tmp_path, called, name):
    assert set_name(tmp_path / called) == name


def test_a_folder_that_is_called_like_a_set_gets_a_number():
    assert _free_name("kitchen", {"kitchen", "kitchen-2"}) == "kitchen-3"
    assert _free_name("garden", {"kitchen"}) == "garden"
