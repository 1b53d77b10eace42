"""Whether a trained wake word is ready, said in one title, one text and one thing to do."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mww_studio.evaluation.scorecard import NOBODY, Recall, Scorecard
from mww_studio.evaluation.statistics import poisson_upper
from mww_studio.jobs.stability import MOST_THOROUGH, Disagreement
from mww_studio.jobs.wording import counted

GOAL = 0.9
ENOUGH_TAKES = 20
_DOUBT = 0.05
# So many takes without a miss prove the goal.
PROVING_TAKES = math.ceil(math.log(_DOUBT) / math.log(GOAL))
_MORE_TAKES = 20
_A_BURST = 2
_USUAL_TEST_SHARE = 0.1
_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
PRESET = "preset:"
"""What the argument of a verdict begins with that leads to the page "train", before the settings to choose."""


class PersonState(StrEnum):
    """What a person's takes say."""

    OK = "ok"
    MISSED = "missed"
    UNSURE = "unsure"


@dataclass(frozen=True)
class PersonResult:
    """How one person was heard, on takes from which nothing was learned.

    ``name``: None stands for everybody whose takes have no name. ``low``, ``high``: Wilson's 95 % interval of the
    share. ``known_voice``: the model learned from other takes of this person.
    """

    name: str | None
    heard: int
    takes: int
    low: float
    high: float
    state: PersonState
    known_voice: bool


class VerdictCode(StrEnum):
    """READY, or the first obstacle: a rule of ESPHome, trainings that disagree, a person, mistakes, too few takes, too
    little other sound."""

    READY = "READY"
    RULES = "RULES"
    UNSTABLE = "UNSTABLE"
    PERSON = "PERSON"
    MISTAKES = "MISTAKES"
    FEW = "FEW"
    HOURS = "HOURS"


NOT_SURE = frozenset({VerdictCode.FEW, VerdictCode.HOURS, VerdictCode.UNSTABLE})
"""Verdicts on models against which nothing speaks: it is only not known well how good they are."""


@dataclass(frozen=True)
class RunVerdict:
    """``button``: what to do next; it leads to the page ``action`` with ``argument``.

    The argument is a person's name or a kind of clip on the page "record", "mistakes" or "rules" on "results", and
    on "train" the settings to choose, after PRESET.
    """

    code: VerdictCode
    title: str
    text: str
    button: str
    action: str
    argument: str = ""


def judge_people(card: Scorecard, known: Collection[str | None]) -> list[PersonResult]:
    """Everybody who was tested, those who were missed most first; ``known``: the speakers that the model learned from.

    Missed too often: the whole interval lies under the goal. Ok: the share meets the goal with 20 takes or more.
    """
    people = []
    for label, recall in card.speakers.items():
        name = None if label == NOBODY else label
        people.append(
            PersonResult(
                name=name,
                heard=recall.detected,
                takes=recall.clips,
                low=recall.low,
                high=recall.high,
                state=_state(recall),
                known_voice=name in known,
            )
        )
    order = [PersonState.MISSED, PersonState.UNSURE, PersonState.OK]
    return sorted(people, key=lambda one: (order.index(one.state), one.high, one.name is None, one.name or ""))


def decide(
    card: Scorecard,
    people: Sequence[PersonResult],
    target_per_hour: float,
    *,
    test_share: float = _USUAL_TEST_SHARE,
    broken_rules: int = 0,
    again_s: float | None = None,
    disagreement: Disagreement | None = None,
) -> RunVerdict:
    """The verdict on a run.

    ``target_per_hour``: how many mistakes are allowed; ``test_share``: which part of the takes examines;
    ``again_s``: how long another training takes; ``disagreement``: how trainings that differ by luck alone differ.
    """
    if broken_rules:
        rules = "a rule" if broken_rules == 1 else f"{broken_rules} rules"
        return RunVerdict(
            VerdictCode.RULES,
            f"The file breaks {rules} of ESPHome",
            "A device would not run it. Train again; if this stays, report it.",
            "Show which",
            "results",
            "rules",
        )
    return (
        _unstable(disagreement)
        or _missed(card.recall, people, again_s)
        or _mistakes(card, target_per_hour)
        or _few(card.recall, test_share)
        or _hours(card, target_per_hour)
        or RunVerdict(
            VerdictCode.READY,
            f"Ready: heard {card.recall.detected} of {card.recall.clips}, {_woke(card)}",
            "Try it now, as the device will hear it.",
            "Live test",
            "live",
        )
    )


def _unstable(found: Disagreement | None) -> RunVerdict | None:
    if found is None:
        return None
    *others, last = (str(one.detected) for one in found.recalls)
    takes = found.recalls[0].clips
    heard = f"They heard {', '.join(others)} and {last} of {takes}, though they learned from the same recordings."
    count = len(found.recalls)
    title = f"Not sure yet: {_NUMBERS.get(count, str(count))} runs disagree"
    if found.thorough:
        more = f"{heard} Record {_MORE_TAKES} more, then train again."
        return RunVerdict(VerdictCode.UNSTABLE, title, more, "Record more", "record")
    less_luck = f"{heard} A longer training leaves less to luck."
    return RunVerdict(VerdictCode.UNSTABLE, title, less_luck, "Train longer", "train", f"{PRESET}{MOST_THOROUGH}")


def _missed(recall: Recall, people: Sequence[PersonResult], again_s: float | None) -> RunVerdict | None:
    missed = [person for person in people if person.state is PersonState.MISSED]
    named = [person for person in missed if person.name is not None]
    again = "" if again_s is None else f" (about {_minutes(again_s)})"
    then = f"Record {_MORE_TAKES} more, then train again{again}."
    if named:
        who = named[0]
        return RunVerdict(
            VerdictCode.PERSON,
            f"Not ready yet: {who.name} is missed too often",
            f"It heard {who.heard} of the {counted(who.takes, 'take')} of {who.name}. {then}",
            f"Record with {who.name}",
            "record",
            who.name or "",
        )
    if missed or (recall.clips and recall.high < GOAL):
        return RunVerdict(
            VerdictCode.PERSON,
            "Not ready yet: it misses the wake word too often",
            f"It heard {recall.detected} of {counted(recall.clips, 'take')}. {then}",
            "Record more",
            "record",
        )
    return None


def _mistakes(card: Scorecard, target_per_hour: float) -> RunVerdict | None:
    rate = card.false_accepts
    if rate.false_accepts < _A_BURST or rate.per_hour <= target_per_hour:
        return None
    worst = max(card.sources, key=lambda source: card.sources[source].false_accepts)
    mostly = f", mostly {worst}" if 2 * card.sources[worst].false_accepts > rate.false_accepts and worst else ""
    return RunVerdict(
        VerdictCode.MISTAKES,
        "Not ready yet: it wakes by mistake too often",
        f"{_times(rate.false_accepts).capitalize()} in {rate.hours:.1f} hours{mostly}. Mark them and train again.",
        "Hear them",
        "results",
        "mistakes",
    )


def _few(recall: Recall, test_share: float) -> RunVerdict | None:
    if recall.clips >= PROVING_TAKES and recall.recall >= GOAL:
        return None
    heard = f"{recall.detected} of {recall.clips} heard"
    goal = f"{GOAL * 100:.0f} in 100"
    if recall.clips < PROVING_TAKES:
        more = math.ceil((PROVING_TAKES - recall.clips) / test_share / 10) * 10
        text = (
            f"{heard}. {PROVING_TAKES} without a miss would prove {goal}. Record about {more} more: only one in"
            f" {1 / test_share:.0f} examines, the others teach."
        )
    else:
        text = f"{heard}, likely {recall.low * 100:.0f} to {recall.high * 100:.0f} in 100; the goal is {goal}."
    return RunVerdict(VerdictCode.FEW, "Not sure yet: too few takes to tell", text, "Record more", "record")


def _hours(card: Scorecard, target_per_hour: float) -> RunVerdict | None:
    rate = card.false_accepts
    if rate.high is not None and rate.high <= target_per_hour:
        return None
    needed = math.ceil(poisson_upper(rate.false_accepts, target_per_hour))
    hours = "1 hour proves" if needed == 1 else f"{needed} hours prove"
    if rate.high is None:
        text = f"There was none to count mistakes on. {hours} fewer than {target_per_hour:g} an hour."
    else:
        text = (
            f"{rate.false_accepts} in {_hours_text(rate.hours)} only proves fewer than {rate.high:.1f} an hour;"
            f" {hours} {target_per_hour:g}."
        )
    return RunVerdict(
        VerdictCode.HOURS, "Not sure yet: too little other sound", text, "Add sounds", "record", "ambience"
    )


def _state(recall: Recall) -> PersonState:
    if recall.high < GOAL:
        return PersonState.MISSED
    return PersonState.OK if recall.clips >= ENOUGH_TAKES and recall.recall >= GOAL else PersonState.UNSURE


def _woke(card: Scorecard) -> str:
    rate = card.false_accepts
    return f"woke by mistake {_times(rate.false_accepts)} in {_hours_text(rate.hours)}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _hours_text(hours: float) -> str:
    minutes = round(hours * 60)
    return f"{hours:.1f} hours" if minutes >= 60 else counted(minutes, "minute")


def _minutes(seconds: float) -> str:
    return counted(max(1, round(seconds / 60)), "minute")
