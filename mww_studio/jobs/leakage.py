"""What stands both where a model learns and where it is examined: people, recordings, and copies of one sound.

A clip on both sides makes the figures better than the model is. What the split itself keeps apart, and what it cannot,
is counted; copies of one sound under another name are found by ear.
"""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mww_studio.audio.files import read_blocks
from mww_studio.corpus.likeness import LISTENED_S, alike, fingerprint
from mww_studio.corpus.splits import speakers_apart
from mww_studio.durable import write_durably
from mww_studio.errors import StudioError
from mww_studio.jobs.launch import run_job
from mww_studio.jobs.planning import sides
from mww_studio.jobs.spec import JobSpec, read_spec_as
from mww_studio.jobs.wording import counted
from mww_studio.presets import Preset
from mww_studio.progress import Progress
from mww_studio.project.records import ClipKind, Split
from mww_studio.project.store import Project

_FILE = "leakage.json"
_SHOWN = 10
_ALL_SAYING = (ClipKind.WAKE_WORD, ClipKind.NEAR, ClipKind.SPEECH, ClipKind.AMBIENCE)


class Placed(BaseModel):
    """A clip and the side on which it stands; fields as in :class:`~mww_studio.project.records.Clip`."""

    model_config = ConfigDict(frozen=True)

    id: int
    kind: ClipKind
    path: Path
    source: str
    speaker: str | None
    recording: str
    synthetic: bool
    side: Split


class LeakageSpec(JobSpec):
    """Which clips to look at."""

    kind: Literal["leakage"] = "leakage"
    clips: tuple[Placed, ...]
    people_apart: bool


class Shared(BaseModel):
    """Somebody, or a recording, on several sides; ``clips``: how many clips on which."""

    model_config = ConfigDict(frozen=True)

    name: str
    clips: dict[Split, int]


class Copies(BaseModel):
    """Two clips on two sides that are nearly the same sound; ``likeness`` to 1."""

    model_config = ConfigDict(frozen=True)

    first: int
    first_side: Split
    second: int
    second_side: Split
    likeness: float


class LeakageReport(BaseModel):
    """What stands on several sides of the corpus.

    ``people_apart``: whether the split keeps people apart; it does so with takes of five people or more, all named.
    ``nameless``: takes without a person, of whom nobody knows whether they are on two sides. ``unreadable``: clips that
    could not be compared. ``alike_voices``: pairs of two computer voices on two sides that are nearly the same sound;
    one program says them all, so they are no copies, and nothing is to be done about them.
    """

    model_config = ConfigDict(frozen=True)

    clips: dict[Split, int]
    people_apart: bool
    nameless: int
    people: tuple[Shared, ...]
    recordings: tuple[Shared, ...]
    copies: tuple[Copies, ...]
    alike_voices: int
    unreadable: int

    @property
    def clean(self) -> bool:
        """Whether nothing at all is on two sides."""
        return not (self.people or self.recordings or self.copies)

    def describe(self) -> str:
        """For people."""
        where = ", ".join(f"{count} {side}" for side, count in self.clips.items())
        lines = [f"{counted(sum(self.clips.values()), 'clip')}: {where}."]
        if self.people_apart:
            lines.append("Every person is on one side only.")
        elif self.people:
            lines.append(f"{counted(len(self.people), 'person', 'people')} on several sides:")
            lines += [f"  {_row(one)}" for one in self.people[:_SHOWN]]
            lines.append("  Takes of at least five people, all named, let the split keep people apart.")
        if self.nameless:
            lines.append(f"{counted(self.nameless, 'take')} without a person; mww-cluster-analyze tells voices apart.")
        lines.append(
            f"{counted(len(self.recordings), 'recording')} on several sides"
            + (", because there are too few recordings to share out:" if self.recordings else ".")
        )
        lines += [f"  {_row(one)}" for one in self.recordings[:_SHOWN]]
        pairs = f"{counted(len(self.copies), 'pair')} of nearly the same sound on two sides"
        lines.append(pairs + (":" if self.copies else "."))
        lines += [
            f"  clip {pair.first} ({pair.first_side}) and clip {pair.second} ({pair.second_side}), {pair.likeness:.2f}"
            for pair in self.copies[:_SHOWN]
        ]
        if self.copies:
            lines.append("  Move one of each pair to the trash: mww-studio clips DIR --trash IDS")
        if self.alike_voices:
            pairs = counted(self.alike_voices, "pair")
            lines.append(f"{pairs} of computer voices that say it nearly alike on two sides, which is how they are.")
        if self.unreadable:
            lines.append(f"{counted(self.unreadable, 'clip')} could not be read and compared.")
        return "\n".join(lines)


def audit_project(project: Project, preset: Preset, progress: Progress) -> LeakageReport:
    """Look at the split of a project by a preset, in a worker process. Raises Cancelled."""
    clips = [clip for clip in project.clips() if clip.kind in _ALL_SAYING]
    side_of = sides(project, project.lineages(), preset)
    spec = LeakageSpec(
        clips=tuple(
            Placed(
                id=clip.id,
                kind=clip.kind,
                path=(project.folder / clip.path).resolve(),
                source=clip.source,
                speaker=clip.speaker,
                recording=clip.recording,
                synthetic=clip.synthetic,
                side=side_of[clip.id],
            )
            for clip in clips
        ),
        people_apart=speakers_apart(clips),
    )
    folder = project.folder / "cache" / "work" / "leakage"
    run_job(folder, spec, progress)
    try:
        return LeakageReport.model_validate_json((folder / _FILE).read_bytes())
    except (OSError, ValueError) as error:
        raise StudioError(
            "job.spec", f"The result in {folder} cannot be read.", why=f"{error}.", do="Start it again."
        ) from None


def do_job(folder: Path, progress: Progress) -> dict[str, str]:
    """In the worker: compare the clips of each kind, and count."""
    spec = read_spec_as(folder, LeakageSpec)
    pairs, unreadable = _pairs(spec, progress)
    synthetic = {clip.id for clip in spec.clips if clip.synthetic}
    copies = [pair for pair in pairs if not {pair.first, pair.second} <= synthetic]
    takes = [clip for clip in spec.clips if clip.kind is ClipKind.WAKE_WORD and not clip.synthetic]
    report = LeakageReport(
        clips={side: sum(clip.side is side for clip in spec.clips) for side in Split},
        people_apart=spec.people_apart,
        nameless=sum(clip.speaker is None for clip in takes),
        people=_shared(
            (clip.kind, clip.speaker, clip.speaker, clip.side) for clip in takes if clip.speaker is not None
        ),
        recordings=_shared(
            (clip.kind, clip.recording, clip.source, clip.side) for clip in spec.clips if not clip.synthetic
        ),
        copies=tuple(copies),
        alike_voices=len(pairs) - len(copies),
        unreadable=unreadable,
    )
    write_durably(folder / _FILE, report.model_dump_json(indent=1).encode())
    return {"report": str(folder / _FILE)}


def _pairs(spec: LeakageSpec, progress: Progress) -> tuple[list[Copies], int]:
    """Pairs on two sides, the most alike first. Clips of one recording are known to belong together."""
    progress.phase("read", len(spec.clips))
    prints, unreadable = {}, 0
    for done, clip in enumerate(spec.clips, 1):
        progress.check_cancelled()
        try:
            prints[clip.id] = fingerprint(next(read_blocks(clip.path, LISTENED_S)))
        except (StudioError, OSError):
            unreadable += 1
        progress.step(done)
    by_id = {clip.id: clip for clip in spec.clips if clip.id in prints}
    examining = [clip for clip in by_id.values() if clip.side is not Split.TRAIN]
    progress.phase("compare", len(examining))
    found = []
    for kind in _ALL_SAYING:
        ours = [clip for clip in examining if clip.kind is kind]
        others = [clip for clip in by_id.values() if clip.kind is kind]
        pairs = alike([prints[clip.id] for clip in ours], [prints[clip.id] for clip in others])
        for clip, likenesses in zip(ours, pairs, strict=True):
            progress.check_cancelled()
            for one in likenesses:
                other = others[one.second]
                twice = other.side is not Split.TRAIN and other.id > clip.id  # that pair comes from the other end, too
                if other.side is not clip.side and other.recording != clip.recording and not twice:
                    found.append(
                        Copies(
                            first=clip.id,
                            first_side=clip.side,
                            second=other.id,
                            second_side=other.side,
                            likeness=round(min(one.likeness, 1.0), 3),
                        )
                    )
    return sorted(found, key=lambda pair: (-pair.likeness, pair.first, pair.second)), unreadable


def _shared(clips: Iterable[tuple[ClipKind, str, str, Split]]) -> tuple[Shared, ...]:
    """Who or what is on several sides, the largest first. Clips: kind, what they share, its name, side."""
    counts: dict[tuple[ClipKind, str], dict[Split, int]] = defaultdict(lambda: defaultdict(int))
    names: dict[tuple[ClipKind, str], str] = {}
    for kind, key, name, side in clips:
        counts[kind, key][side] += 1
        names.setdefault((kind, key), name)
    shared = [Shared(name=names[key], clips=dict(sides_)) for key, sides_ in counts.items() if len(sides_) > 1]
    return tuple(sorted(shared, key=lambda one: (-sum(one.clips.values()), one.name)))


def _row(one: Shared) -> str:
    return f"{one.name}: " + ", ".join(f"{count} {side}" for side, count in sorted(one.clips.items()))
