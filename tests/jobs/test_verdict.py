import numpy as np
import pytest

from mww_studio.evaluation.listening import Heard, HeardAmbience, HeardWord
from mww_studio.evaluation.scorecard import Scorecard, count_recall, judge
from mww_studio.jobs.stability import Disagreement, apart
from mww_studio.jobs.verdict import PersonState, RunVerdict, VerdictCode, decide, judge_people

LOUD, QUIET = np.repeat(np.array([0, 255], np.uint8), 50), np.zeros(100, np.uint8)


def card(takes: dict[str | None, tuple[int, int]], hours: float, mistakes: int = 0, streams: int = 10) -> Scorecard:
    words = [
        HeardWord(f"{who} {number}", LOUD if number < heard else QUIET, 0.0, 2.0, who)
        for who, (heard, count) in takes.items()
        for number in range(count)
    ]
    sources = ["television" if number < 7 else "kitchen" for number in range(streams)]
    ambience = [
        HeardAmbience(f"talk {number}", LOUD if number < mistakes else QUIET, source, hours / streams)
        for number, source in enumerate(sources)
    ]
    return judge(Heard("test", 3, words, ambience), 0.97, 5)


def verdict(found: Scorecard, **more: object) -> RunVerdict:
    return decide(found, judge_people(found, ()), 0.5, **more)  # type: ignore[arg-type]


def test_people_are_judged_by_the_whole_interval() -> None:
    found = card({"Mia": (5, 8), "Eve": (5, 20), "Ann": (20, 20), "Ben": (8, 8), "Zoe": (17, 20), None: (1, 1)}, 10)
    people = judge_people(found, {"Ann", "Eve"})
    assert [(one.name, one.state) for one in people] == [
        ("Eve", PersonState.MISSED),
        ("Mia", PersonState.MISSED),
        ("Zoe", PersonState.UNSURE),
        ("Ben", PersonState.UNSURE),
        (None, PersonState.UNSURE),
        ("Ann", PersonState.OK),
    ]
    assert {one.name for one in people if one.known_voice} == {"Ann", "Eve"}
    mia = people[1]
    assert (mia.heard, mia.takes) == (5, 8)
    assert mia.low < 5 / 8 < mia.high < 0.9


def test_ready() -> None:
    said = verdict(card({"Ann": (30, 30), "Ben": (28, 30)}, 15.2))
    assert said.code is VerdictCode.READY
    assert said.title == "Ready: heard 58 of 60, woke by mistake 0 times in 15.2 hours"
    assert (said.button, said.action) == ("Live test", "live")
    assert "once in 15.2 hours" in verdict(card({"Ann": (60, 60)}, 15.2, mistakes=1)).title


def test_a_person_who_is_missed_comes_first() -> None:
    found = card({"Mia": (5, 8), "Ann": (50, 50)}, 2, mistakes=9)
    said = verdict(found, again_s=1500)
    assert (said.code, said.title) == (VerdictCode.PERSON, "Not ready yet: Mia is missed too often")
    assert said.text == "It heard 5 of the 8 takes of Mia. Record 20 more, then train again (about 25 minutes)."
    assert (said.button, said.action, said.argument) == ("Record with Mia", "record", "Mia")
    assert verdict(found, again_s=20).text.endswith("(about 1 minute).")
    assert verdict(found).text.endswith("then train again.")
    unnamed = verdict(card({None: (5, 20)}, 10))
    assert (unnamed.code, unnamed.button, unnamed.argument) == (VerdictCode.PERSON, "Record more", "")


def test_everybody_a_little_missed_is_not_ready_either() -> None:
    said = verdict(card(dict.fromkeys(("Ann", "Ben", "Eve", "Zoe"), (16, 20)), 10))
    assert (said.code, said.title) == (VerdictCode.PERSON, "Not ready yet: it misses the wake word too often")
    assert said.text.startswith("It heard 64 of 80 takes.")


def test_mistakes() -> None:
    said = verdict(card({"Ann": (30, 30)}, 7.6, mistakes=6))
    assert (said.code, said.button, said.argument) == (VerdictCode.MISTAKES, "Hear them", "mistakes")
    assert said.text == "6 times in 7.6 hours, mostly television. Mark them and train again."
    assert verdict(card({"Ann": (30, 30)}, 1.0, mistakes=1)).code is VerdictCode.HOURS


def test_few_takes() -> None:
    said = verdict(card({"Ann": (24, 24)}, 7.6))
    assert (said.code, said.title) == (VerdictCode.FEW, "Not sure yet: too few takes to tell")
    assert said.text.startswith("24 of 24 heard. 29 without a miss would prove 90 in 100. Record about 50 more")
    assert verdict(card({"Ann": (29, 29)}, 7.6)).code is VerdictCode.READY
    unsure = verdict(card({"Ann": (17, 20), "Ben": (16, 18)}, 7.6))
    assert unsure.code is VerdictCode.FEW
    assert "likely" in unsure.text


def test_few_hours() -> None:
    said = verdict(card({"Ann": (40, 40)}, 3.0))
    assert (said.code, said.title) == (VerdictCode.HOURS, "Not sure yet: too little other sound")
    assert said.text == "0 in 3.0 hours only proves fewer than 1.0 an hour; 6 hours prove 0.5."
    assert "0 in 1 minute only" in verdict(card({"Ann": (40, 40)}, 1 / 60)).text
    assert "There was none" in verdict(card({"Ann": (40, 40)}, 0)).text


@pytest.mark.parametrize(("broken", "title"), [(1, "a rule"), (3, "3 rules")])
def test_a_broken_rule_comes_before_all(broken: int, title: str) -> None:
    said = verdict(card({"Mia": (0, 8)}, 1.0), broken_rules=broken)
    assert (said.code, said.title) == (VerdictCode.RULES, f"The file breaks {title} of ESPHome")
    assert (said.button, said.argument) == ("Show which", "rules")


def test_runs_that_disagree() -> None:
    recalls = tuple(count_recall(100, heard) for heard in (95, 71, 93))
    ready = card({"Ann": (60, 60)}, 15.2)
    said = verdict(ready, disagreement=Disagreement(recalls, thorough=False))
    assert (said.code, said.title) == (VerdictCode.UNSTABLE, "Not sure yet: three runs disagree")
    assert said.text.startswith("They heard 95, 71 and 93 of 100, ")
    assert (said.button, said.action, said.argument) == ("Train longer", "train", "preset:max_quality")
    thorough = verdict(ready, disagreement=Disagreement(recalls[:2], thorough=True))
    assert thorough.title == "Not sure yet: two runs disagree"
    assert (thorough.button, thorough.action) == ("Record more", "record")
    missed = card({"Mia": (5, 20)}, 10)
    assert verdict(missed, disagreement=Disagreement(recalls, thorough=False)).code is VerdictCode.UNSTABLE
    assert verdict(missed, disagreement=Disagreement(recalls, False), broken_rules=1).code is VerdictCode.RULES


@pytest.mark.parametrize(
    ("heard", "clips", "disagree"),
    [
        ((95, 71, 93), 100, True),
        ((95, 89, 93), 100, False),
        ((10, 8), 10, False),
        ((10, 2), 10, True),
        ((5,), 10, False),
    ],
)
def test_how_far_apart_is_more_than_luck_with_few_takes(heard: tuple[int, ...], clips: int, disagree: bool) -> None:
    assert apart([count_recall(clips, one) for one in heard]) is disagree
