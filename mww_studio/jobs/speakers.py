"""Who speaks in clips: the voices of a project, or of a folder of sound files, told apart. Nothing is changed by it."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_dir
from pydantic import BaseModel, ConfigDict, Field

from mww_studio.audio.files import AUDIO_SUFFIXES, FOREIGN_SUFFIXES, read_audio, read_blocks
from mww_studio.corpus.clustering import Grouping, cosine_distances, group_voices, typical_first
from mww_studio.corpus.embedding_process import open_embedder
from mww_studio.corpus.embedding_store import EmbeddingStore
from mww_studio.corpus.embeddings import Embedder, Pcm, speech_part
from mww_studio.durable import write_durably
from mww_studio.errors import StudioError
from mww_studio.jobs.launch import run_job
from mww_studio.jobs.spec import JobSpec, read_spec_as
from mww_studio.jobs.wording import counted
from mww_studio.presets import SpeakerClustering
from mww_studio.progress import Progress
from mww_studio.project.records import Clip, ClipKind, pcm_sha256
from mww_studio.project.store import Project

Floats = npt.NDArray[np.float32]

LEAST_CLIPS = 4
SPOKEN = (ClipKind.WAKE_WORD, ClipKind.SPEECH, ClipKind.NEAR)

_FILE = "analysis.json"
_ANCHORS = 12  # takes of each known person that a group is compared with
LISTENED_S = 30.0  # of a sound file of any length
_BATCH = 16


class Voice(BaseModel):
    """A clip whose speaker is looked for, or who is known to be ``person``. ``key``: its id, or its path in its folder.

    ``speech_start_s``, ``speech_end_s``: where somebody speaks, where that is known.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    path: Path
    sha256: str = ""
    speech_start_s: float | None = None
    speech_end_s: float | None = None
    person: str | None = None


class SpeakersSpec(JobSpec):
    """Whose voices to tell apart, and how. ``place``: the folder of the project or of the sound files."""

    kind: Literal["speakers"] = "speakers"
    place: Path
    in_project: bool
    clip_kind: ClipKind
    voices: tuple[Voice, ...]
    people: int | None = Field(None, ge=1)
    threshold: float | None = Field(None, gt=0, lt=2)
    embedder: Literal["lite", "ecapa"] = "lite"
    ecapa_python: str | None = None


class Member(BaseModel):
    """A clip in a group; ``sure`` from 0 to 1: how much nearer it is to this group than to the next."""

    model_config = ConfigDict(frozen=True)

    key: str
    sha256: str
    sure: float


class Group(BaseModel):
    """Clips in which one person seems to speak, the most typical first.

    ``likely``: the known person who sounds like it, or None.
    """

    model_config = ConfigDict(frozen=True)

    members: tuple[Member, ...]
    sure: float
    likely: str | None = None


class Doubt(BaseModel):
    """A clip of which nobody can be sure, and why: ``between`` two people, ``alone`` with its voice, without
    ``speech``, or not ``readable``. ``group``: the number of the nearest group, from 0."""

    model_config = ConfigDict(frozen=True)

    key: str
    sha256: str
    why: Literal["between", "alone", "speech", "readable"]
    group: int | None = None
    detail: str = ""


class SpeakerAnalysis(BaseModel):
    """Who seems to speak in which clip.

    ``widest`` and ``nearest``: average cosine distances within a group at most, and between two groups at least.
    """

    model_config = ConfigDict(frozen=True)

    place: Path
    in_project: bool
    clip_kind: ClipKind
    embedder: str
    people: int | None
    threshold: float | None
    groups: tuple[Group, ...]
    doubts: tuple[Doubt, ...]
    widest: float
    nearest: float | None


def plan_project(
    project: Project, kind: ClipKind, settings: SpeakerClustering, *, people: int | None = None
) -> SpeakersSpec:
    """What to listen to in a project: its clips of a kind without a speaker, and some of known people to compare with.

    Raises StudioError ``speakers.too_few`` and ``speakers.kind``.
    """
    if kind not in SPOKEN:
        raise StudioError(
            "speakers.kind", f"In clips of the kind {kind} nobody speaks.", do=f"Choose one of {', '.join(SPOKEN)}."
        )
    clips = [clip for clip in project.clips(kind) if clip.engine is None]
    unknown = [clip for clip in clips if not clip.speaker]
    if len(unknown) < LEAST_CLIPS:
        raise _too_few(len(unknown), "without a person")
    known: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        if clip.speaker:
            known[clip.speaker].append(clip)
    anchors = [clip for own in known.values() for clip in _spread(own, _ANCHORS)]
    return SpeakersSpec(
        place=project.folder.resolve(),
        in_project=True,
        clip_kind=kind,
        voices=tuple(_voice(project, clip) for clip in [*unknown, *anchors]),
        people=people,
        threshold=settings.threshold if people is None else None,
        embedder=settings.embedder,
        ecapa_python=settings.ecapa_python or None,
    )


def plan_folder(
    folder: Path, kind: ClipKind, settings: SpeakerClustering, *, people: int | None = None
) -> SpeakersSpec:
    """What to listen to in a folder of sound files. Raises StudioError ``audio.not_found`` and ``speakers.too_few``."""
    if not folder.is_dir():
        raise StudioError("audio.not_found", f"There is no folder {folder}.", do="Check the spelling.")
    root = folder.resolve()
    files = sorted(_sound_files(root))
    if len(files) < LEAST_CLIPS:
        raise _too_few(len(files), f"in {folder}")
    return SpeakersSpec(
        place=root,
        in_project=False,
        clip_kind=kind,
        voices=tuple(Voice(key=file.relative_to(root).as_posix(), path=file) for file in files),
        people=people,
        threshold=settings.threshold if people is None else None,
        embedder=settings.embedder,
        ecapa_python=settings.ecapa_python or None,
    )


def analyse(spec: SpeakersSpec, progress: Progress) -> SpeakerAnalysis:
    """Tell the voices apart in a worker process. Vectors are kept, so that one that was cancelled goes on.

    Raises StudioError ``speakers.too_few``, ``speakers.engine``, and Cancelled.
    """
    folder = work_folder(spec.place, in_project=spec.in_project)
    run_job(folder, spec, progress)
    try:
        return SpeakerAnalysis.model_validate_json((folder / _FILE).read_bytes())
    except (OSError, ValueError) as error:
        raise StudioError(
            "job.spec", f"The result in {folder} cannot be read.", why=f"{error}.", do="Start it again."
        ) from None


def last_analysis(project_folder: Path) -> SpeakerAnalysis | None:
    """The newest analysis of a project; None where there is none that can be read."""
    try:
        content = (work_folder(project_folder, in_project=True) / _FILE).read_bytes()
        return SpeakerAnalysis.model_validate_json(content)
    except (OSError, ValueError):
        return None


def work_folder(place: Path, *, in_project: bool) -> Path:
    """Where the work on a project or on a folder of sound files is done."""
    if in_project:
        return place / "cache" / "work" / "speakers"
    name = hashlib.sha256(str(place.resolve()).encode()).hexdigest()[:16]
    return Path(user_cache_dir("mww-studio")) / "work" / "speakers" / name


def do_job(folder: Path, progress: Progress) -> dict[str, str]:
    """In the worker: vectors of all voices, groups of them, and the result as a file."""
    spec = read_spec_as(folder, SpeakersSpec)
    progress.phase("voices", len(spec.voices))
    embedder = open_embedder(spec.embedder, spec.ecapa_python, progress.check_cancelled)
    try:
        store = EmbeddingStore(folder, embedder.version)
        heard, doubts = _listen(spec.voices, embedder, store, progress)
    finally:
        embedder.close()
    if sum(voice.person is None for voice, _ in heard) < LEAST_CLIPS:
        raise _too_few(sum(voice.person is None for voice, _ in heard), "in which somebody can be heard")
    progress.phase("groups")
    progress.check_cancelled()
    analysis = _analysis(spec, embedder.version, heard, doubts)
    write_durably(folder / _FILE, analysis.model_dump_json(indent=1).encode())
    return {"analysis": str(folder / _FILE), "groups": str(len(analysis.groups))}


def split_group(place: Path, members: Sequence[Member], version: str, *, in_project: bool) -> tuple[Group, ...]:
    """A group of an analysis parted in two, by the vectors that were kept; one group where a voice cannot be parted.

    ``version``: the analysis's embedder.
    """
    store = EmbeddingStore(work_folder(place, in_project=in_project), version)
    found = [(member, store.get(member.sha256)) for member in members]
    known = [(member, vector) for member, vector in found if vector is not None]
    if len(known) < 2:
        return (Group(members=tuple(members), sure=0.0),)
    vectors = np.stack([vector for _, vector in known])
    grouping = group_voices(vectors, people=2)
    groups = _groups([(member.key, member.sha256) for member, _ in known], vectors, grouping, keep_doubtful=True)
    lost = tuple(member for member, vector in found if vector is None)
    first = groups[0].model_copy(update={"members": groups[0].members + lost})
    return (first, *groups[1:])


def _listen(
    voices: Sequence[Voice], embedder: Embedder, store: EmbeddingStore, progress: Progress
) -> tuple[list[tuple[Voice, Floats]], list[Doubt]]:
    """The voices with their vectors, and those that have none."""
    heard: list[tuple[Voice, Floats]] = []
    doubts: list[Doubt] = []
    done = 0
    with ThreadPoolExecutor(embedder.side_by_side) as readers:
        for batch in _batches(voices):
            fresh: dict[str, Pcm] = {}
            known: list[Voice] = []
            for voice, speech in zip(batch, readers.map(_Reader(store, progress), batch), strict=True):
                if isinstance(speech, Doubt):
                    doubts += [speech] if voice.person is None else []
                else:
                    sha256, pcm = speech
                    known.append(voice.model_copy(update={"sha256": sha256}))
                    if pcm is not None:
                        fresh.setdefault(sha256, pcm)
            vectors = embedder.embed(list(fresh.values()), progress.check_cancelled)
            store.add(dict(zip(fresh, vectors, strict=True)))
            heard += [(voice, vector) for voice in known if (vector := store.get(voice.sha256)) is not None]
            done += len(batch)
            progress.step(done)
    return heard, doubts


class _Reader:
    """Reads what is spoken in a clip whose vector is not known yet."""

    def __init__(self, store: EmbeddingStore, progress: Progress) -> None:
        self._store, self._progress = store, progress

    def __call__(self, voice: Voice) -> tuple[str, Pcm | None] | Doubt:
        """The sha256 of the samples, and the speech where the vector is unknown."""
        self._progress.check_cancelled()
        if voice.sha256 and self._store.get(voice.sha256) is not None:
            return voice.sha256, None
        try:
            pcm = read_audio(voice.path) if voice.sha256 else next(read_blocks(voice.path, LISTENED_S))
        except (StudioError, OSError) as error:
            return Doubt(key=voice.key, sha256=voice.sha256, why="readable", detail=str(error))
        sha256 = voice.sha256 or pcm_sha256(pcm)
        if self._store.get(sha256) is not None:
            return sha256, None
        speech = speech_part(pcm, voice.speech_start_s, voice.speech_end_s)
        return Doubt(key=voice.key, sha256=sha256, why="speech") if speech is None else (sha256, speech)


def _analysis(
    spec: SpeakersSpec, version: str, heard: Sequence[tuple[Voice, Floats]], doubts: Sequence[Doubt]
) -> SpeakerAnalysis:
    unknown = [(voice, vector) for voice, vector in heard if voice.person is None]
    vectors = np.stack([vector for _, vector in unknown])
    grouping = group_voices(vectors, people=spec.people, threshold=spec.threshold)
    keys = [(voice.key, voice.sha256) for voice, _ in unknown]
    anchors: dict[str, list[Floats]] = defaultdict(list)
    for voice, vector in heard:
        if voice.person is not None:
            anchors[voice.person].append(vector)
    unsure = [
        Doubt(key=key, sha256=sha256, why="alone" if sure == 0 else "between", group=int(group))
        for (key, sha256), group, sure, doubtful in zip(
            keys, grouping.groups, grouping.sure, grouping.doubtful, strict=True
        )
        if doubtful
    ]
    return SpeakerAnalysis(
        place=spec.place,
        in_project=spec.in_project,
        clip_kind=spec.clip_kind,
        embedder=version,
        people=spec.people,
        threshold=spec.threshold,
        groups=_groups(keys, vectors, grouping, anchors=anchors),
        doubts=(*unsure, *doubts),
        widest=grouping.widest,
        nearest=grouping.nearest,
    )


def _groups(
    keys: Sequence[tuple[str, str]],
    vectors: Floats,
    grouping: Grouping,
    *,
    anchors: dict[str, list[Floats]] | None = None,
    keep_doubtful: bool = False,
) -> tuple[Group, ...]:
    """``keys``: key and sha256 of each clip."""
    reach = _reach(grouping)
    groups = []
    for number in range(grouping.count):
        inside = np.flatnonzero((grouping.groups == number) & (keep_doubtful | ~grouping.doubtful))
        inside = inside[typical_first(vectors[inside])] if len(inside) else inside
        members = tuple(
            Member(key=keys[index][0], sha256=keys[index][1], sure=round(float(grouping.sure[index]), 3))
            for index in inside.tolist()
        )
        sure = round(float(grouping.sure[inside].mean()), 3) if len(inside) else 0.0
        groups.append(Group(members=members, sure=sure, likely=_likely(vectors[inside], anchors or {}, reach)))
    return tuple(groups)


def _reach(grouping: Grouping) -> float:
    """How far on average a known person may be from a group that is theirs."""
    if grouping.nearest is None:
        return grouping.widest
    return max(grouping.widest, (grouping.widest + grouping.nearest) / 2)


def _likely(vectors: Floats, anchors: dict[str, list[Floats]], reach: float) -> str | None:
    if not len(vectors):
        return None
    near = {name: float(cosine_distances(vectors, np.stack(own)).mean()) for name, own in anchors.items()}
    name = min(near, key=lambda person: near[person], default=None)
    return name if name is not None and near[name] <= reach else None


def _voice(project: Project, clip: Clip) -> Voice:
    return Voice(
        key=str(clip.id),
        path=(project.folder / clip.path).resolve(),
        sha256=clip.sha256,
        speech_start_s=clip.speech_start_s,
        speech_end_s=clip.speech_end_s,
        person=clip.speaker,
    )


def _spread(clips: Sequence[Clip], most: int) -> list[Clip]:
    """At most so many, from the first to the last."""
    return [clips[index] for index in sorted({int(place) for place in np.linspace(0, len(clips) - 1, most)})]


def _sound_files(root: Path) -> Iterator[Path]:
    for path in root.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
        if not hidden and path.suffix.lower() in AUDIO_SUFFIXES | FOREIGN_SUFFIXES and path.is_file():
            yield path


def _batches(voices: Sequence[Voice]) -> Iterable[Sequence[Voice]]:
    return (voices[start : start + _BATCH] for start in range(0, len(voices), _BATCH))


def _too_few(count: int, where: str) -> StudioError:
    return StudioError(
        "speakers.too_few",
        f"There are {counted(count, 'clip')} {where}; telling voices apart needs at least {LEAST_CLIPS}.",
        do="Add more recordings, or say by hand who speaks.",
    )
