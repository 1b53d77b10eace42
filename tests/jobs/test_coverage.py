import itertools
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from mww_studio.jobs.coverage import GOAL, GOAL_TAKES, coverage, next_style
from mww_studio.project.records import Clip, ClipKind, Problem, Quality, Style

GOOD = Quality(-6.0, -20.0, None, 0.0, 0.0)
BAD = replace(GOOD, problems=(Problem("noisy", "Step closer."),))
TAKE = Clip(
    1, ClipKind.WAKE_WORD, "audio/1.wav", "1", 2.0, 0.5, 1.2, "Ben", "", "", "", None, GOOD,
    datetime(2026, 1, 1, tzinfo=UTC),
)  # fmt: skip


def takes(*styles: Style | None) -> list[Clip]:
    return [replace(TAKE, id=number, style=style) for number, style in enumerate(styles)]


def test_only_good_real_takes_of_that_person_count() -> None:
    clips = [
        *takes(Style.FAR, Style.FAR, None),
        replace(TAKE, style=Style.FAR, quality=BAD),
        replace(TAKE, style=Style.LOUD, quality=BAD, kept=True),
        replace(TAKE, style=Style.FAR, engine="kokoro:a"),
        replace(TAKE, style=Style.FAR, speaker="Mia"),
        replace(TAKE, style=Style.FAR, kind=ClipKind.SPEECH),
    ]
    found = coverage(clips, "Ben")
    assert (found.counts[Style.FAR], found.counts[Style.LOUD], found.counts[Style.SLOW]) == (2, 1, 0)
    assert (found.total, found.goal, found.done) == (4, 30, False)
    assert (found.left(Style.FAR), found.left(Style.SLOW)) == (4, 4)
    assert coverage(clips, "Mia").total == 1
    assert coverage(clips, None).total == 0


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
