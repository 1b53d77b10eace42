import itertools
from collections import Counter
from dataclasses import replace

from mww_studio.jobs.coverage import GOAL, GOAL_TAKES, coverage, good_takes, next_style
from mww_studio.project.records import ClipKind, Judgement, Style, Tally

TAKE = Tally(ClipKind.WAKE_WORD, Judgement.GOOD, "Ben", Style.NORMAL, synthetic=False, clips=1, seconds=2.0)


def takes(*styles: Style | None) -> list[Tally]:
    return [replace(TAKE, style=style, clips=number) for style, number in Counter(styles).items()]


def test_only_good_real_takes_of_that_person_count() -> None:
    tallies = [
        *takes(Style.FAR, Style.FAR, None),
        replace(TAKE, style=Style.FAR, judgement=Judgement.DOUBTFUL),
        replace(TAKE, style=Style.LOUD, judgement=Judgement.KEPT),
        replace(TAKE, style=Style.FAR, synthetic=True),
        replace(TAKE, style=Style.FAR, speaker="Mia"),
        replace(TAKE, style=Style.FAR, kind=ClipKind.SPEECH),
    ]
    found = coverage(tallies, "Ben")
    assert (found.counts[Style.FAR], found.counts[Style.LOUD], found.counts[Style.SLOW]) == (2, 1, 0)
    assert (found.total, found.goal, found.done) == (4, 30, False)
    assert (found.left(Style.FAR), found.left(Style.SLOW)) == (4, 4)
    assert coverage(tallies, "Mia").total == 1
    assert coverage(tallies, None).total == 0
    assert good_takes(tallies) == {"Ben": 4, "Mia": 1}


def test_thirty_prompts_reach_the_goal_and_neighbours_differ() -> None:
    said: list[Style] = []
    for number in range(2 * GOAL_TAKES):
        said.append(next_style(coverage(takes(*said), "Ben"), number))
    assert Counter(said[:GOAL_TAKES]) == GOAL
    assert all(one is not other for one, other in itertools.pairwise(said))
    assert len(set(said[:8])) == 6
    assert coverage(takes(*said[:30]), "Ben").done


def test_a_skipped_prompt_is_followed_by_another_style() -> None:
    covered = coverage(takes(Style.NORMAL), "Ben")
    assert len({next_style(covered, 1 + skipped) for skipped in range(6)}) == 6
    almost = coverage(takes(*(style for style in Style for _ in range(GOAL[style] - (style is Style.SLOW)))), "Ben")
    assert {next_style(almost, almost.total + skipped) for skipped in range(4)} == {Style.SLOW}


def test_takes_that_were_not_prompted_count_too() -> None:
    assert coverage(takes(*[None] * 30), "Ben").done
    assert next_style(coverage(takes(*[None] * 30), "Ben"), 30) in Style
