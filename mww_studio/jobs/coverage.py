"""How a person has said the wake word so far, and how to say it next: variety is what makes a model hear everybody."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mww_studio.project.records import Clip, ClipKind, Judgement, Style, Tally

GOAL: Mapping[Style, int] = MappingProxyType(
    {Style.NORMAL: 8, Style.FAR: 6, Style.QUIET: 4, Style.LOUD: 4, Style.SLOW: 4, Style.HURRIED: 4}
)
GOAL_TAKES = sum(GOAL.values())
# Where in its share of the way each style has its turn, so that two turns of one are never neighbours.
_TURNS = {
    Style.NORMAL: 0.3,
    Style.FAR: 0.6,
    Style.QUIET: 0.2,
    Style.LOUD: 0.45,
    Style.SLOW: 0.7,
    Style.HURRIED: 0.95,
}


@dataclass(frozen=True)
class Coverage:
    """One person's good takes: ``counts`` by style, and ``total`` with those that were not recorded to a prompt."""

    counts: Mapping[Style, int]
    total: int

    @property
    def goal(self) -> int:
        """How many takes a person should record."""
        return GOAL_TAKES

    @property
    def done(self) -> bool:
        """Whether there are enough."""
        return self.total >= GOAL_TAKES

    def left(self, style: Style) -> int:
        """How many takes of a style are missing."""
        return max(GOAL[style] - self.counts[style], 0)


def is_good_take(clip: Clip | Tally) -> bool:
    """Whether a clip, or all of a tally, is a take of the wake word by a real person that may count."""
    return clip.kind is ClipKind.WAKE_WORD and not clip.synthetic and clip.judgement is not Judgement.DOUBTFUL


def coverage(tallies: Iterable[Tally], person: str | None) -> Coverage:
    """What a person (None: unknown) has recorded, from a project's tallies."""
    found: Counter[Style | None] = Counter()
    for tally in tallies:
        if tally.speaker == person and is_good_take(tally):
            found[tally.style] += tally.clips
    return Coverage({style: found[style] for style in Style}, found.total())


def good_takes(tallies: Iterable[Tally]) -> Counter[str | None]:
    """How many good takes each person (None: unknown) has recorded, from a project's tallies."""
    found: Counter[str | None] = Counter()
    for tally in tallies:
        if is_good_take(tally):
            found[tally.speaker] += tally.clips
    return found


def next_style(covered: Coverage, taken: int) -> Style:
    """How the next take should be said: neighbours differ, and every style is done at about the same time.

    ``taken``: takes so far and prompts that were skipped; each skipped one moves to the style after it.
    """
    order = sorted(Style, key=lambda style: (covered.counts[style] + _TURNS[style]) / GOAL[style])
    wanted = [style for style in order if covered.left(style)] or order
    return wanted[max(taken - covered.total, 0) % len(wanted)]
