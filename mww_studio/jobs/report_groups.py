"""The takes of a test parted by who speaks, how, from where, and over what, each part with how often it was heard."""

from collections.abc import Callable, Sequence

from mww_studio.evaluation.html_report_content import Group, Grouping
from mww_studio.evaluation.listening import Heard
from mww_studio.evaluation.scorecard import NOBODY, Scorecard, count_recall
from mww_studio.jobs.results import Results
from mww_studio.project.records import Clip, Style

NOT_NOTED = "not noted"
_STYLES = {
    Style.NORMAL: "as usual",
    Style.FAR: "from far away",
    Style.QUIET: "quietly",
    Style.LOUD: "loudly",
    Style.SLOW: "slowly",
    Style.HURRIED: "in a hurry",
}
_QUIET_DB, _NOISY_DB = 30.0, 15.0
_BACKGROUNDS = (
    f"hardly any (speech {_QUIET_DB:g} dB louder, or more)",
    f"some ({_NOISY_DB:g} to {_QUIET_DB:g} dB)",
    f"much (less than {_NOISY_DB:g} dB)",
)


def group_takes(results: Results, heard: Heard) -> tuple[Grouping, ...]:
    """All partings of the takes that show more than one part; the people always."""
    cards = tuple(results.conditions.values())
    clips = {clip.path: clip for clip in results.spec.clips}
    takes = [(word.id, clips.get(word.id)) for word in heard.words]
    if not takes:
        return ()
    parted = (
        ("How it was said", _style, tuple(_STYLES.values())),
        ("Distance", _distance, ("from far away", "near")),
        ("Sound behind the voice in the recording itself", _background, _BACKGROUNDS),
        ("Voices", _voice, ()),
    )
    found = [_people(results, cards)]
    for title, part, order in parted:
        groups = _groups(takes, part, order, cards)
        if len(groups) > 1:
            found.append(Grouping(title=title, note="", groups=groups))
    return tuple(found)


def style_text(style: Style) -> str:
    """How a take was said."""
    return _STYLES[style]


def _people(results: Results, cards: Sequence[Scorecard]) -> Grouping:
    groups = []
    for person in results.people:
        label = person.name or NOBODY
        groups.append(
            Group(
                name=person.name or "without a name",
                note="known voice, other takes" if person.known_voice else "new voice",
                recalls=tuple(card.speakers[label] for card in cards),
            )
        )
    note = "“New voice”: the model never learned from this person, so a guest may expect the same."
    return Grouping(title="Each person", note=note, groups=tuple(groups))


def _groups(
    takes: Sequence[tuple[str, Clip | None]],
    part: Callable[[Clip], str],
    order: Sequence[str],
    cards: Sequence[Scorecard],
) -> tuple[Group, ...]:
    members: dict[str, list[str]] = {name: [] for name in order}
    for id_, clip in takes:
        members.setdefault(NOT_NOTED if clip is None else part(clip), []).append(id_)
    lost = [set(card.missed) for card in cards]
    return tuple(
        Group(
            name=name,
            note="",
            recalls=tuple(count_recall(len(ids), sum(one not in missed for one in ids)) for missed in lost),
        )
        for name, ids in members.items()
        if ids
    )


def _style(clip: Clip) -> str:
    return NOT_NOTED if clip.style is None else _STYLES[clip.style]


def _distance(clip: Clip) -> str:
    if clip.style is None:
        return NOT_NOTED
    return "from far away" if clip.style is Style.FAR else "near"


def _background(clip: Clip) -> str:
    snr_db = clip.quality.snr_db
    if snr_db is None:
        return NOT_NOTED
    return _BACKGROUNDS[0 if snr_db >= _QUIET_DB else 1 if snr_db >= _NOISY_DB else 2]


def _voice(clip: Clip) -> str:
    return f"computer voice, {clip.engine}" if clip.engine else "people"
