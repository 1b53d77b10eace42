"""What becomes of the sounds that a model fell for: to learn from or not, or takes of the word after all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from mww_studio.audio.quality import judge
from mww_studio.audio.trimming import cut_takes
from mww_studio.constitution.articles import law
from mww_studio.errors import StudioError
from mww_studio.jobs.listing import parse_ids
from mww_studio.jobs.mining_record import (
    BEFORE_S,
    Candidate,
    MiningRecord,
    State,
    read_record,
    sound_of,
    write_record,
)
from mww_studio.jobs.mistakes import cut_mistake
from mww_studio.jobs.wording import counted
from mww_studio.project.records import Clip, ClipKind, NewClip, checked_name, pcm_sha256
from mww_studio.project.store import Project

_SPEECH_S = 1.2
_FULL = 255
_KINDS = {State.ACCEPTED: ClipKind.NEAR, State.WORD: ClipKind.WAKE_WORD}


def decide(
    project: Project, wanted: Mapping[int, State], *, speaker: str | None = None, undoing: bool = False
) -> dict[int, State]:
    """Bring candidates into states; returns the states in which they were.

    What is accepted becomes a near-sounding clip, or with ``State.WORD`` a take (by ``speaker``, if that is known);
    what is no longer accepted goes to the trash. ``undoing``: the newest step is taken back, none is remembered.
    Raises StudioError ``mining.ids``, ``mining.gone``, those of reading a sound, and those of :class:`Project`; then
    nothing was decided.
    """
    project.check_writable()
    speaker = checked_name(speaker, "person's name") if speaker else None
    record = read_record(project.folder)
    known = {one.id: one for one in record.candidates}
    unknown = [id_ for id_ in wanted if id_ not in known]
    if unknown:
        raise _unknown(unknown)
    changes = {id_: state for id_, state in wanted.items() if known[id_].state is not state}
    before = {id_: known[id_].state for id_ in changes}
    if not changes and not undoing:
        return {}
    made = _make(project, [known[id_] for id_ in changes], changes, speaker)
    record = record.with_states(
        known[id_].model_copy(update={"state": state, "made": made.get(id_, known[id_].made)})
        for id_, state in changes.items()
    )
    steps = record.steps[:-1] if undoing else (*record.steps, before)
    write_record(project, record.model_copy(update={"steps": steps}))
    return before


def undo_last(project: Project) -> dict[int, State]:
    """Take back the newest decision; returns the states in which it had left them.

    Raises StudioError ``mining.no_step``, and as :func:`decide` does.
    """
    record = read_record(project.folder)
    if not record.steps:
        raise StudioError("mining.no_step", "There is no decision to take back.", do="See mww-studio mine DIR --list.")
    there = {one.id for one in record.candidates}
    return decide(project, {id_: state for id_, state in record.steps[-1].items() if id_ in there}, undoing=True)


def numbers(record: MiningRecord, text: str, *, careful: bool = False) -> list[int]:
    """The candidates that a person names: ``3,5-9``, or ``all`` that wait. Raises StudioError ``mining.ids``.

    ``careful``: those that may be the wake word are not among all.
    """
    if text == "all":
        return [one.id for one in record.waiting() if not (careful and one.maybe_word)]
    try:
        return parse_ids(text)
    except StudioError:
        raise StudioError(
            "mining.ids",
            f"“{text}” names no sounds.",
            do="Write their numbers as in --accept 3,5-9, or all; mww-studio mine DIR --list shows them.",
        ) from None


def describe_decision(before: Mapping[int, State], record: MiningRecord) -> str:
    """For people: what was decided, and what follows."""
    now = [one for one in record.candidates if one.id in before]
    if not now:
        return "Nothing changed: that was decided before."
    counts = {state: sum(one.state is state for one in now) for state in State}
    texts = {
        State.ACCEPTED: "{} will teach the next training that this is not the wake word.",
        State.WORD: "{} became a take of the wake word.",
        State.REJECTED: "{} will not be offered again.",
        State.WAITING: "{} waits for a decision again.",
    }
    lines = [texts[state].format(counted(count, "sound")) for state, count in counts.items() if count]
    changed = sum(one.examines and one.state is State.ACCEPTED for one in now)
    if changed:
        lines.append(
            f"{counted(changed, 'of them comes', 'of them come')} from sounds that examined the model; those teach from"
            " now on and examine no more."
        )
    return "\n".join(lines)


def describe_candidates(candidates: Sequence[Candidate]) -> str:
    """For people: a line a sound."""
    if not candidates:
        return "Nothing waits to be listened to."
    lines = []
    for one in candidates:
        sure = f"{100 * one.score / _FULL:.0f} % sure, {'woke' if one.woke else 'nearly woke'}"
        hints = ["may be the wake word: listen first"] if one.maybe_word else []
        hints += ["from a sound that examines"] if one.examines else []
        at = timedelta(seconds=round(one.time_s))
        lines.append(f"{one.id:>6}  {one.state:<8}  {sure:<22}  {one.source} at {at}  {'; '.join(hints)}".rstrip())
    return "\n".join([*lines, counted(len(candidates), "sound")])


def _make(
    project: Project, candidates: Iterable[Candidate], wanted: Mapping[int, State], speaker: str | None
) -> dict[int, int | None]:
    """Make, bring back and trash the clips that the wanted states need; the clip of each, where that changed."""
    old = {one.id: one.made for one in candidates}
    there = {clip.id: clip for clip in project.clips_by_id([id_ for id_ in old.values() if id_ is not None])}
    new: dict[int, NewClip] = {}
    back, away = [], []
    for one in candidates:
        clip, kind = there.get(one.made or 0), _KINDS.get(wanted[one.id])
        if clip is not None and clip.kind is kind:
            back.append(clip.id)
            continue
        if clip is not None:
            away.append(clip.id)
        if kind is not None:
            new[one.id] = _new_clip(project, one, kind, speaker)
    made = project.add_clips(list(new.values()))
    project.restore_clips(back)
    project.trash_clips(away)
    by_sound = {(clip.sha256, clip.kind): clip.id for clip in made}
    return {id_: by_sound.get((pcm_sha256(clip.pcm), clip.kind)) for id_, clip in new.items()}


def _new_clip(project: Project, one: Candidate, kind: ClipKind, speaker: str | None) -> NewClip:
    clip = _clip(project, one) if one.clip is not None else None
    note = f"{'Woke' if one.woke else 'Nearly woke'} run {one.run}, at {timedelta(seconds=round(one.time_s))}"
    if kind is ClipKind.NEAR:
        near = cut_mistake(project, clip, one.time_s) if clip else _near(project, one)
        return replace(near, note=note)
    pcm = sound_of(project, one)
    takes = cut_takes(pcm)
    if takes:
        take = takes[-1]
        pcm, speech = take.pcm, (take.speech_start_s, take.speech_end_s)
    else:
        speech = _speech(one)
    return NewClip(
        kind=kind,
        pcm=pcm,
        # A take stands for itself: the rest of its recording may be heard again.
        recording=clip.recording if clip else pcm_sha256(pcm),
        source=clip.source if clip else one.source,
        quality=judge(pcm, *speech, kind),
        speech_start_s=speech[0],
        speech_end_s=speech[1],
        speaker=speaker or (clip.speaker if clip else None),
        licence=clip.licence if clip else one.licence,
        engine=clip.engine if clip else None,
        note=note,
        origin=(clip.origin or clip.id) if clip else None,
    )


def _near(project: Project, one: Candidate) -> NewClip:
    pcm, speech = sound_of(project, one), _speech(one)
    length_s = len(pcm) / law().frontend.sample_rate_hz
    speech = min(speech[0], length_s), min(speech[1], length_s)
    return NewClip(
        kind=ClipKind.NEAR,
        pcm=pcm,
        recording=one.content,
        source=one.source,
        quality=judge(pcm, *speech, ClipKind.NEAR),
        speech_start_s=speech[0],
        speech_end_s=speech[1],
        licence=one.licence,
    )


def _speech(one: Candidate) -> tuple[float, float]:
    """Where in its sound that lies which was judged, in seconds."""
    end_s = min(one.time_s, BEFORE_S)
    return max(0.0, end_s - _SPEECH_S), end_s


def _clip(project: Project, one: Candidate) -> Clip:
    for clip in project.clips_by_id([one.clip or 0]):
        return clip
    raise StudioError(
        "mining.gone",
        f"The clip from which number {one.id} came is no longer in the project.",
        do="Reject it, or search again.",
    )


def _unknown(ids: Sequence[int]) -> StudioError:
    return StudioError(
        "mining.ids",
        f"There is no number {', '.join(map(str, ids[:5]))} among the sounds that were found.",
        do="mww-studio mine DIR --list shows them.",
    )
