import numpy as np
import pytest
import soundfile
from synthetic_project import fill

from mww_studio.errors import StudioError
from mww_studio.jobs.trimming import trimmed
from mww_studio.project.records import ClipKind
from mww_studio.project.store import Project


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "project", "kosita") as made:
        fill(made)
        yield made


def pcm_of(project, clip):
    return soundfile.read(project.folder / clip.path, dtype="int16")[0]


@pytest.mark.parametrize(
    ("start_s", "end_s", "first", "speech"),
    [
        (0.25, 1.0, 4000, "moved"),
        (-1.0, 99.0, 0, "same"),
        (0.7, 1.0, 11200, "cut"),
        (0.0, 0.3, 0, "all"),
    ],
)
def test_the_part_and_where_the_speech_is_in_it(project, start_s, end_s, first, speech):
    clip = project.clips(ClipKind.WAKE_WORD)[0]
    new = trimmed(project, clip.id, start_s, end_s)
    whole = pcm_of(project, clip)
    assert np.array_equal(new.pcm, whole[first : round(min(end_s * 16000, len(whole)))])
    length_s = len(new.pcm) / 16000
    expected = {
        "same": (clip.speech_start_s, clip.speech_end_s),
        "moved": (clip.speech_start_s - 0.25, min(clip.speech_end_s - 0.25, length_s)),
        "cut": (0.0, min(clip.speech_end_s - 0.7, length_s)),
        "all": (0.0, length_s),
    }[speech]
    assert (new.speech_start_s, new.speech_end_s) == pytest.approx(expected)
    assert (new.recording, new.speaker, new.licence, new.kind) == (
        clip.recording,
        clip.speaker,
        clip.licence,
        clip.kind,
    )


def test_talk_has_no_times(project):
    clip = project.clips(ClipKind.SPEECH)[0]
    new = trimmed(project, clip.id, 1.0, 3.0)
    assert (new.speech_start_s, new.speech_end_s, len(new.pcm)) == (None, None, 32000)


@pytest.mark.parametrize(
    ("id_", "times", "code"), [(1, (0.5, 0.6), "audio.too_short"), (999, (0.0, 1.0), "project.no_clip")]
)
def test_what_cannot_be_cut_is_told(project, id_, times, code):
    with pytest.raises(StudioError) as caught:
        trimmed(project, id_, *times)
    assert caught.value.code == code
