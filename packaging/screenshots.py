"""Pictures of every page of the window in its states: for looking at them, and for the README.

    .venv/bin/python packaging/screenshots.py --out DIR [--project DIR] [--pages start,record,...]
                                              [--sizes 1280x800,1024x640] [--looks light,dark] [--scales 1,1.5]

The window is the real one, with settings of its own, on a copy of ``--project``; without one a project is made from
computer voices and trained once, and kept in ``DIR/cache`` for the next time. What needs somebody who speaks is heard
by a microphone that plays takes of the project (on Linux, with gcc; elsewhere those pictures are left out).
"""

import argparse
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import numpy as np

from mww_studio.audio.quality import judge
from mww_studio.jobs.coverage import Coverage, next_style
from mww_studio.jobs.launch import new_training, run_training
from mww_studio.jobs.planning import plan_training
from mww_studio.jobs.quickstart_corpus import CorpusBudget, synthesise_corpus
from mww_studio.presets import load_preset
from mww_studio.progress import Progress
from mww_studio.project.records import ClipKind, NewClip, RunState, Style
from mww_studio.project.store import Project
from mww_studio.terminal import TerminalProgress

WAKE_WORD, LANGUAGE, AUTHOR = "Hey Willow", "en", "Ben"
PEOPLE = {"Anna": False, "Ben": False, "Mia": True}
"""Who speaks, and whether it is a child."""

_PRESET = "fast_test"
_DOUBTFUL_EVERY, _FAINT = 17, 0.01
_SYNTHESIS_S, _AMBIENCE_S = 45.0, 300.0
_PAGES = "frame,start,record,samples,train,results,live,deploy,running"


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the pictures, in one process for each scale, because Qt reads its scale once. Returns the exit status."""
    asked = _parse(arguments)
    out: Path = asked.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if asked.only_scale:
        from window_tour import Album, walk  # imports Qt, which reads the scale now

        sizes = [(int(width), int(height)) for width, _, height in (size.partition("x") for size in asked.sizes)]
        return walk(Album(out, sizes, asked.looks, asked.only_scale), asked.project, asked.pages)
    project: Path = asked.project or sample_project(out / "cache" / "project")
    command = [sys.executable, __file__, "--out", str(out), "--project", str(project.resolve())]
    for name in ("pages", "sizes", "looks"):
        command += [f"--{name}", ",".join(getattr(asked, name))]
    return max(
        subprocess.call([*command, "--only-scale", scale], env=os.environ | {"QT_SCALE_FACTOR": scale})
        for scale in asked.scales
    )


def sample_project(folder: Path, budget: CorpusBudget | None = None) -> Path:
    """Make the project of the pictures in ``folder``, or finish it if that was interrupted; returns the folder."""
    made = folder.exists()
    project = Project.open(folder) if made else Project.create(folder, WAKE_WORD, LANGUAGE, AUTHOR)
    with project, TerminalProgress() as progress:
        if not project.clips():
            _fill(project, budget or CorpusBudget(_SYNTHESIS_S, 8, _AMBIENCE_S), progress)
        if not any(run.state is RunState.DONE for run in project.runs()):
            run_training(project, new_training(project, plan_training(project, load_preset(_PRESET), 0)), progress)
    return folder


def _fill(project: Project, budget: CorpusBudget, progress: Progress) -> None:
    """Computer voices, under the names of people who say the word in every way."""
    corpus = synthesise_corpus(WAKE_WORD, LANGUAGE, budget=budget, progress=progress)
    for name, child in PEOPLE.items():
        project.add_person(name, child, consent=True)
    said: dict[str, Counter[Style]] = {name: Counter() for name in PEOPLE}
    takes = []
    for number, (clip, name) in enumerate(zip(corpus.of(ClipKind.WAKE_WORD), cycle(PEOPLE), strict=False)):
        style = next_style(Coverage(said[name], said[name].total()), said[name].total())
        said[name][style] += 1
        takes.append(replace(_faint(clip) if number % _DOUBTFUL_EVERY == 0 else clip, speaker=name, style=style))
    recorded = [replace(take, source="recorded here", engine=None) for take in takes]
    project.add_clips([*recorded, *(clip for clip in corpus.clips if clip.kind is not ClipKind.WAKE_WORD)])


def _faint(clip: NewClip) -> NewClip:
    """The take from too far away: one that wants to be heard again."""
    pcm = np.round(clip.pcm * _FAINT).astype(np.int16)
    return replace(clip, pcm=pcm, quality=judge(pcm, clip.speech_start_s, clip.speech_end_s, clip.kind))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Take pictures of every page of the window.")
    parser.add_argument("--out", type=Path, required=True, help="the folder for the pictures")
    parser.add_argument("--project", type=Path, help="a trained project; it is copied, not changed")
    parser.add_argument("--pages", type=_words, default=_words(_PAGES), help=f"some of: {_PAGES}")
    parser.add_argument("--sizes", type=_words, default=_words("1280x800,1024x640"))
    parser.add_argument("--looks", type=_words, default=_words("light,dark"))
    parser.add_argument("--scales", type=_words, default=_words("1"))
    parser.add_argument("--only-scale", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _words(text: str) -> list[str]:
    return text.split(",")


if __name__ == "__main__":
    sys.exit(main())
