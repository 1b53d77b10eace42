import json
from pathlib import Path

import numpy as np
import pytest
from synthetic_speech import RATE, talk

from mww_studio.audio.files import write_wav
from mww_studio.cli import main
from mww_studio.corpus.likeness import alike, fingerprint
from mww_studio.jobs.leakage import LeakageReport, LeakageSpec, Placed, do_job
from mww_studio.jobs.planning import sides
from mww_studio.jobs.spec import write_spec
from mww_studio.presets import load_preset
from mww_studio.progress import Progress
from mww_studio.project.records import ClipKind, NewClip, Quality, Split, pcm_sha256
from mww_studio.project.store import Project

_QUALITY = Quality(-6.0, -20.0, 40.0, 0.0, 0.0)


def clip(pcm, source, speaker=None, recording=None):
    return NewClip(ClipKind.WAKE_WORD, pcm, recording or pcm_sha256(pcm), source, _QUALITY, 0.4, 1.0, speaker=speaker)


def varied(pcm, how):
    wave = pcm.astype(float)
    noise = np.random.default_rng(1).normal(0, 1, len(wave))
    made = {
        "softer": wave * 0.3,
        "noisy": wave + noise * np.sqrt((wave**2).mean()) * 0.1,
        "cut": wave[2000:-1000],
        "later": np.concatenate([noise[:3000] * 10, wave]),
        "coloured": np.convolve(wave, [1, -0.8])[: len(wave)],
    }[how]
    return np.clip(made, -32768, 32767).astype(np.int16)


@pytest.mark.parametrize("how", ["softer", "noisy", "cut", "later", "coloured"])
def test_copies_of_a_sound_are_alike(how):
    sound = talk(2.0, 3)
    (found,) = alike([fingerprint(varied(sound, how))], [fingerprint(talk(2.0, 4)), fingerprint(sound)])
    assert [one.second for one in found] == [1]


def test_different_sounds_are_not_copies():
    prints = [fingerprint(talk(2.0, who)) for who in range(12)]
    assert [[one.second for one in found] for found in alike(prints, prints)] == [[n] for n in range(12)]


def test_silence_is_like_nothing():
    silence = [fingerprint(np.zeros(size, np.int16)) for size in (0, 100, RATE)]
    assert list(alike(silence, silence)) == [[], [], []]
    assert list(alike(silence, [])) == [[], [], []]


def test_what_stands_on_two_sides_is_found(tmp_path, capsys):
    folder = tmp_path / "project"
    takes = [talk(1.5, number) for number in range(12)]
    with Project.create(folder, "kosita") as project:
        project.add_clips([clip(pcm, f"{n}.wav", "Ann" if n % 2 else "Ben") for n, pcm in enumerate(takes)])
        side_of = sides(project, project.lineages(), load_preset("standard"))
        learned = next(id_ for id_, side in side_of.items() if side is Split.TRAIN)
        examined = next(id_ for id_, side in side_of.items() if side is Split.TEST)
        # A copy of each, under other names: they come to some side, one of them to another than its original.
        copies = [varied(takes[learned - 1], "softer"), varied(takes[examined - 1], "softer")]
        added = project.add_clips([clip(pcm, f"copy {n}.wav") for n, pcm in enumerate(copies)])
        (project.folder / added[0].path).write_bytes(b"damaged")
        side_of = sides(project, project.lineages(), load_preset("standard"))
    assert main(["audit", str(folder), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    pairs = [{pair["first"], pair["second"]} for pair in report["copies"]]
    assert pairs == ([{examined, added[1].id}] if side_of[added[1].id] is not Split.TEST else [])
    assert report["unreadable"] == 1
    assert report["nameless"] == 2
    assert not report["people_apart"]
    assert {one["name"] for one in report["people"]} == {"Ann", "Ben"}
    assert report["recordings"] == []
    assert main(["audit", str(folder)]) == 0
    assert "2 people on several sides" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("synthetic", "copies", "alike_voices"), [((True, True), 0, 1), ((True, False), 1, 0), ((False, False), 1, 0)]
)
def test_computer_voices_are_no_copies_of_each_other(tmp_path, synthetic, copies, alike_voices):
    sound, placed = talk(1.5, 3), []
    for number, (side, how) in enumerate(((Split.TRAIN, "softer"), (Split.TEST, "coloured")), 1):
        path = tmp_path / f"{number}.wav"
        write_wav(path, varied(sound, how))
        made = synthetic[number - 1]
        placed.append(
            Placed(
                id=number,
                kind=ClipKind.WAKE_WORD,
                path=path,
                source=path.name,
                speaker=None,
                recording=path.name,
                synthetic=made,
                side=side,
            )
        )
    write_spec(LeakageSpec(clips=tuple(placed), people_apart=False), tmp_path)
    report = LeakageReport.model_validate_json(Path(do_job(tmp_path, Progress())["report"]).read_bytes())
    assert (len(report.copies), report.alike_voices) == (copies, alike_voices)
    assert report.clean is not bool(copies)
    assert ("computer voices" in report.describe()) is bool(alike_voices)
