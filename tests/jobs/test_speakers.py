import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from synthetic_speech import word

from mww_studio.audio.files import read_audio, write_wav
from mww_studio.cli import main
from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs.speakers import SpeakerAnalysis, do_job, plan_folder, plan_project, split_group, work_folder
from mww_studio.jobs.speakers_apply import apply_namelist, undo_namelist
from mww_studio.jobs.speakers_namelist import NamedClip, NamedGroup, Namelist, read_namelist, write_results
from mww_studio.jobs.speakers_report import describe_analysis
from mww_studio.jobs.spec import write_spec
from mww_studio.presets import SpeakerClustering
from mww_studio.progress import Progress
from mww_studio.project.records import ClipKind, NewClip, Quality, pcm_sha256
from mww_studio.project.store import Project

PEOPLE = (0, 4, 6)  # clearly different mouths
TAKES = 5
NAMES = ("Anna", "Ben", "Mia")
_QUALITY = Quality(-6.0, -20.0, 40.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def takes():
    return {(who, number): word(who, number) for who in PEOPLE for number in range(TAKES)}


@pytest.fixture
def recordings(tmp_path, takes):
    """A folder of sound files, three people mixed, with one that cannot be read and one without speech."""
    folder = tmp_path / "recordings"
    (folder / "more").mkdir(parents=True)
    for (who, number), take in takes.items():
        write_wav(folder / ("more" if number == 0 else ".") / f"{who}-{number}.wav", take.pcm)
    (folder / "broken.wav").write_bytes(b"RIFF, but no sound")
    write_wav(folder / "silence.wav", np.zeros(16000, np.int16))
    return folder


@pytest.fixture
def project(tmp_path, takes):
    with Project.create(tmp_path / "project", "kosita") as made:
        made.add_clips(
            [_clip(take, None if number else NAMES[PEOPLE.index(who)]) for (who, number), take in takes.items()]
        )
        yield made


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setattr("mww_studio.jobs.speakers.user_cache_dir", lambda *_: str(tmp_path / "user cache"))


def _clip(take, speaker=None):
    return NewClip(
        ClipKind.WAKE_WORD, take.pcm, pcm_sha256(take.pcm), "a.wav", _QUALITY, take.start_s, take.end_s, speaker=speaker
    )


class Watched(Progress):
    """Cancels when so many steps were done; knows how many it saw."""

    def __init__(self, cancel_after=None):
        self.cancel_after, self.done, self.cancelled = cancel_after, 0, False

    def step(self, done, **_):
        self.done = done

    def check_cancelled(self):
        if self.cancel_after is not None and self.done >= self.cancel_after:
            raise Cancelled


def analysed(spec, progress=None):
    """The analysis, in this process."""
    folder = work_folder(spec.place, in_project=spec.in_project)
    folder.mkdir(parents=True, exist_ok=True)
    write_spec(spec, folder)
    result = do_job(folder, progress or Progress())
    return SpeakerAnalysis.model_validate_json(Path(result["analysis"]).read_bytes())


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rename(path, names=NAMES):
    """What a person does with the list: a name for every group; ``names`` stand for PEOPLE."""
    data = json.loads(path.read_text())
    for group in data["groups"]:
        group["name"] = names[PEOPLE.index(int(group["clips"][0]["clip"].split("/")[-1].split("-")[0]))]
    path.write_text(json.dumps(data))
    return path


def test_a_folder_is_grouped_applied_and_put_back(recordings, tmp_path, capsys):
    before = contents(recordings)
    out = tmp_path / "out"
    assert main(["speakers", "analyze", str(recordings), "--out", str(out)]) == 0
    assert contents(recordings) == before
    names, report = out / "wake-word_namelist.json", out / "wake-word_cluster_report.txt"
    text = report.read_text()
    assert "3 groups, 2 not sure" in text
    assert "broken.wav: it cannot be read" in text
    assert "silence.wav: no speech was found in it" in text
    rename(names)
    assert main(["speakers", "apply", "--namelist", str(names), "--dry-run"]) == 0
    assert contents(recordings) == before
    assert main(["speakers", "apply", "--namelist", str(names)]) == 0
    after = contents(recordings)
    expected = {f"{NAMES[PEOPLE.index(who)]}/{who}-{number}.wav" for who in PEOPLE for number in range(TAKES)}
    assert set(after) == expected | {"broken.wav", "silence.wav"}
    assert "5 clips" in capsys.readouterr().out
    undo = out / "wake-word_undo.json"
    assert main(["speakers", "apply", "--undo", str(undo)]) == 0
    assert contents(recordings) == before
    assert not undo.exists()
    assert not (recordings / "Anna").exists()


def test_a_project_is_grouped_applied_and_put_back(project, tmp_path):
    spec = plan_project(project, ClipKind.WAKE_WORD, SpeakerClustering())
    assert sum(voice.person is None for voice in spec.voices) == 12
    analysis = analysed(spec)
    assert sorted(group.likely for group in analysis.groups) == sorted(NAMES)
    project.close()
    names, _ = write_results(analysis, tmp_path)
    dry = apply_namelist(names, dry_run=True)
    assert dry.changed == {"Anna": 4, "Ben": 4, "Mia": 4}
    applied = apply_namelist(names)
    assert applied.changed == dry.changed
    assert not applied.skipped
    with Project.open(project.folder) as again:
        assert [clip.speaker for clip in again.clips()] == [NAMES[n // TAKES] for n in range(15)]
        again.assign_speaker([2], "Zoe")
    back = undo_namelist(applied.undo)
    assert back.skipped == ("clip 2: somebody said meanwhile that Zoe speaks in it",)
    with Project.open(project.folder, read_only=True) as again:
        assert [clip.speaker for clip in again.clips()] == [
            "Zoe" if n == 1 else None if n % TAKES else NAMES[n // TAKES] for n in range(15)
        ]
    assert applied.undo.exists()  # it still speaks of the clip that was left alone


def test_clips_that_changed_since_are_left_alone(project, tmp_path):
    names, _ = write_results(analysed(plan_project(project, ClipKind.WAKE_WORD, SpeakerClustering())), tmp_path)
    project.assign_speaker([2], "Zoe")
    project.trash_clips([3])
    project.relabel([4], ClipKind.NEAR)
    project.close()
    applied = apply_namelist(names)
    assert len(applied.skipped) == 3
    assert applied.changed.total() == 9


def test_a_cancelled_analysis_goes_on(recordings, monkeypatch):
    monkeypatch.setattr("mww_studio.jobs.speakers._BATCH", 4)
    spec = plan_folder(recordings, ClipKind.WAKE_WORD, SpeakerClustering())
    with pytest.raises(Cancelled):
        analysed(spec, Watched(cancel_after=8))
    made = []
    embed = sys.modules["mww_studio.corpus.embeddings"].LiteEmbedder.embed
    monkeypatch.setattr(
        "mww_studio.corpus.embeddings.LiteEmbedder.embed",
        lambda self, clips, check: made.extend(clips) or embed(self, clips, check),
    )
    assert len(analysed(spec).groups) == 3
    assert len(made) == 15 - 8
    assert len(analysed(spec).groups) == 3
    assert len(made) == 15 - 8


def test_the_wishes_of_a_person_are_obeyed_and_a_group_is_parted(recordings):
    wide = SpeakerClustering(threshold=1.9)
    analysis = analysed(plan_folder(recordings, ClipKind.WAKE_WORD, wide))
    assert len(analysis.groups) == 1
    assert "nearer than 1.9" in describe_analysis(analysis)
    assert len(analysed(plan_folder(recordings, ClipKind.WAKE_WORD, wide, people=2)).groups) == 2
    analysis = analysed(plan_folder(recordings, ClipKind.WAKE_WORD, SpeakerClustering()))
    both = (*analysis.groups[0].members, *analysis.groups[1].members)
    parts = split_group(analysis.place, both, analysis.embedder, in_project=False)
    assert {frozenset(member.key for member in part.members) for part in parts} == {
        frozenset(member.key for member in group.members) for group in analysis.groups[:2]
    }
    shutil.rmtree(work_folder(analysis.place, in_project=False))
    assert len(split_group(analysis.place, both, analysis.embedder, in_project=False)) == 1


def test_too_few_clips_are_refused(tmp_path, project):
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(StudioError, match="0 clips in"):
        plan_folder(folder, ClipKind.WAKE_WORD, SpeakerClustering())
    with pytest.raises(StudioError, match="no folder"):
        plan_folder(tmp_path / "nowhere", ClipKind.WAKE_WORD, SpeakerClustering())
    with pytest.raises(StudioError, match="nobody speaks"):
        plan_project(project, ClipKind.AMBIENCE, SpeakerClustering())
    with pytest.raises(StudioError, match="0 clips without a person"):
        plan_project(project, ClipKind.SPEECH, SpeakerClustering())
    for number in range(5):
        (folder / f"{number}.wav").write_bytes(b"no sound")
    with pytest.raises(StudioError, match="somebody can be heard"):
        analysed(plan_folder(folder, ClipKind.WAKE_WORD, SpeakerClustering()))


@pytest.fixture
def namelist(recordings, tmp_path):
    """The list of names for the recordings, corrected."""
    files = sorted(path for path in recordings.rglob("*.wav") if path.stem[0].isdecimal())
    clips = [
        NamedClip(clip=path.relative_to(recordings).as_posix(), sha256=pcm_sha256(read_audio(path))) for path in files
    ]
    groups = tuple(
        NamedGroup(name=name, clips=tuple(clip for clip in clips if f"{who}-" in str(clip.clip)))
        for who, name in zip(PEOPLE, NAMES, strict=True)
    )
    names = Namelist(place=recordings, in_project=False, kind=ClipKind.WAKE_WORD, groups=groups)
    path = tmp_path / "wake-word_namelist.json"
    path.write_text(names.model_dump_json())
    return path


def edited(path, edit):
    data = json.loads(path.read_text())
    edit(data)
    path.write_text(json.dumps(data))
    return path


HOSTILE = {
    "outside": (lambda data: data["groups"][0]["clips"][0].update(clip="../../x.wav"), "inside that folder"),
    "absolute": (lambda data: data["groups"][0]["clips"][0].update(clip="/etc/passwd"), "inside that folder"),
    "drive": (lambda data: data["groups"][0]["clips"][0].update(clip="C:/x.wav"), "inside that folder"),
    "backslash": (lambda data: data["groups"][0]["clips"][0].update(clip="..\\x.wav"), "inside that folder"),
    "name up": (lambda data: data["groups"][0].update(name=".."), "name of a folder"),
    "name with a slash": (lambda data: data["groups"][0].update(name="a/../../b"), "name of a folder"),
    "name of a device": (lambda data: data["groups"][0].update(name="CON"), "name of a folder"),
    "control": (lambda data: data["groups"][0].update(name="a\x00b"), "control characters"),
    "twice": (lambda data: data["groups"][0]["clips"].append(data["groups"][1]["clips"][0]), "two places"),
    "number": (lambda data: data["groups"][0]["clips"][0].update(clip=3), "no clip of a folder"),
    "extra": (lambda data: data["groups"][0].update(nmae="x"), "nmae"),
    "no groups": (lambda data: data.pop("groups"), "groups"),
    "another format": (lambda data: data.update(format="2"), "format"),
    "relative place": (lambda data: data.update(place="somewhere"), "whole path"),
    "hash": (lambda data: data["groups"][0]["clips"][0].update(sha256="xyz"), "sha256"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_list_changes_nothing(namelist, recordings, name):
    edit, why = HOSTILE[name]
    before = contents(recordings)
    with pytest.raises(StudioError) as caught:
        apply_namelist(edited(namelist, edit))
    assert caught.value.code == "speakers.namelist"
    assert why in caught.value.why
    assert contents(recordings) == before


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_list_is_refused(tmp_path, content):
    path = tmp_path / "names.json"
    path.write_bytes(content)
    with pytest.raises(StudioError, match="Nothing was changed"):
        read_namelist(path)
    with pytest.raises(StudioError, match="Nothing was changed"):
        undo_namelist(path)


def test_a_link_out_of_the_folder_is_not_followed(namelist, recordings, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (recordings / "Anna").symlink_to(outside)
    before = contents(recordings)
    with pytest.raises(StudioError, match="leads out of"):
        apply_namelist(namelist)
    assert contents(recordings) == before
    assert not list(outside.iterdir())


def test_nothing_is_overwritten(namelist, recordings):
    (recordings / "Anna").mkdir()
    (recordings / "Anna" / "0-1.wav").write_bytes(b"precious")
    applied = apply_namelist(namelist)
    assert (recordings / "Anna" / "0-1.wav").read_bytes() == b"precious"
    assert (recordings / "Anna" / "0-1-2.wav").is_file()
    (recordings / "0-2.wav").write_bytes(b"newer")
    back = undo_namelist(applied.undo)
    assert (recordings / "0-2.wav").read_bytes() == b"newer"
    assert back.skipped == ("0-2.wav: another file is in its place",)
    assert (recordings / "0-1.wav").is_file()


def test_files_that_changed_since_are_left_alone(namelist, recordings):
    write_wav(recordings / "0-1.wav", word(9, 9).pcm)
    (recordings / "0-2.wav").unlink()
    applied = apply_namelist(namelist)
    assert sorted(applied.skipped) == [
        "0-1.wav: it is another sound than in the list",
        "0-2.wav: it is not there any more",
    ]
    assert applied.changed.total() == 13


def test_what_was_cut_off_can_be_taken_back(namelist, recordings, monkeypatch):
    before = contents(recordings)
    moved = []

    def move(root, source, target):
        if len(moved) == 6:
            raise OSError(28, "No space left on device")
        moved.append(source)
        real(root, source, target)

    from mww_studio.jobs import speakers_apply

    real = speakers_apply._move
    monkeypatch.setattr(speakers_apply, "_move", move)
    with pytest.raises(StudioError):
        apply_namelist(namelist)
    monkeypatch.undo()
    assert contents(recordings) != before
    undo_namelist(namelist.with_name("wake-word_undo.json"))
    assert contents(recordings) == before


def test_an_undo_that_leads_outside_is_refused(namelist, recordings):
    applied = apply_namelist(namelist)
    before = contents(recordings)
    with pytest.raises(StudioError, match="Nothing was changed"):
        undo_namelist(edited(applied.undo, lambda data: data["moves"][0].update(before="../x.wav")))
    assert contents(recordings) == before


def test_wrong_use_is_said(recordings, capsys):
    assert main(["speakers", "analyze", str(recordings), "--n-clusters", "2", "--threshold", "0.4"]) == 2
    assert main(["speakers", "analyze", str(recordings), "--kind", "song"]) == 2
    assert main(["speakers", "apply"]) == 2
    assert main(["speakers", "apply", "--namelist", "nowhere.json"]) == 1
    assert "Nothing was changed" in capsys.readouterr().err
