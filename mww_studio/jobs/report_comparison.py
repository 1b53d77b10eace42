"""Two runs side by side, on the recordings that examined both: whether they were the same is looked up, not assumed."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from mww_studio.evaluation.html_report_content import Comparison, Moment, PairedCondition
from mww_studio.evaluation.listening import Heard, HeardAmbience, HeardWord
from mww_studio.evaluation.pairing import pair_mistakes, pair_takes
from mww_studio.evaluation.scorecard import Scorecard, judge
from mww_studio.jobs.delivery import NOISY
from mww_studio.jobs.examination import CLEAN
from mww_studio.jobs.results import Results
from mww_studio.jobs.wording import counted

CONDITIONS: Mapping[str, str] = {CLEAN: "as recorded", NOISY: f"with {NOISY}"}
Named = Callable[[Results, str], Moment]


@dataclass(frozen=True)
class Examined:
    """A run with all that its model said on the test side; ``noisy``: the takes over noise, where there was some."""

    name: str
    about: str
    results: Results
    heard: Heard
    noisy: Heard | None


@dataclass(frozen=True)
class _Test:
    """What examined a run, by the sha256 of the samples (or the name of what is no clip); ``paths``: where it was."""

    words: Mapping[str, HeardWord]
    sounds: Mapping[str, HeardAmbience]
    paths: Mapping[str, str]

    @property
    def hours(self) -> float:
        """How long the other sound is."""
        return sum(one.hours for one in self.sounds.values())


def compare_runs(own: Examined, other: Examined, named: Named) -> Comparison:
    """Lay a run beside another one; ``named`` makes something to listen to of a clip's path in the results of a run.

    Only what examined both is compared; what examined one of them is counted.
    """
    mine, theirs = _test(own, own.heard), _test(other, other.heard)
    takes, sounds = mine.words.keys() & theirs.words.keys(), mine.sounds.keys() & theirs.sounds.keys()
    differences = tuple(_differences(own.name, mine, other.name, theirs))
    if not takes and not sounds:
        return Comparison(
            other_name=other.name, other_about=other.about, same_test=not differences, differences=differences
        )
    first, second = (_judged(run, test, takes, sounds) for run, test in ((own, mine), (other, theirs)))
    heard_first, heard_second = takes - set(first.missed), takes - set(second.missed)
    paired = [PairedCondition(name=CONDITIONS[CLEAN], takes=pair_takes(len(takes), heard_second, heard_first))]
    if own.noisy is not None and other.noisy is not None and not differences:  # else the noise was another one
        noisy = (_judged(run, _test(run, heard), takes, set()) for run, heard in _both_noisy(other, own))
        over_noise = [takes - set(card.missed) for card in noisy]
        paired.append(PairedCondition(name=CONDITIONS[NOISY], takes=pair_takes(len(takes), *over_noise)))
    hours = first.false_accepts.hours
    return Comparison(
        other_name=other.name,
        other_about=other.about,
        same_test=not differences,
        differences=differences,
        own=first,
        other=second,
        takes=tuple(paired),
        mistakes=pair_mistakes(hours, second.false_accept_times, first.false_accept_times) if hours else None,
        only_own=tuple(named(own.results, mine.paths[key]) for key in sorted(heard_first - heard_second)),
        only_other=tuple(named(own.results, mine.paths[key]) for key in sorted(heard_second - heard_first)),
    )


def _both_noisy(*runs: Examined) -> Iterator[tuple[Examined, Heard]]:
    for run in runs:
        if run.noisy is not None:
            yield run, run.noisy


def _test(run: Examined, heard: Heard) -> _Test:
    samples = {clip.path: clip.sha256 for clip in run.results.spec.clips}
    words = {samples.get(word.id, word.id): word for word in heard.words}
    sounds = {samples.get(one.id, one.id): one for one in heard.ambience}
    paths = {key: word.id for key, word in words.items()} | {key: one.id for key, one in sounds.items()}
    return _Test(words, sounds, paths)


def _judged(run: Examined, test: _Test, takes: Collection[str], sounds: Collection[str]) -> Scorecard:
    """The run at its own cut-off on a part of its test; what is in the scorecard is named by its key."""
    point = run.results.report.operating_point
    part = replace(
        run.heard,
        words=[replace(test.words[key], id=key) for key in sorted(takes)],
        ambience=[replace(test.sounds[key], id=key) for key in sorted(sounds)],
    )
    return judge(part, point.cutoff, point.sliding_window_size, point.target_per_hour)


def _differences(own: str, mine: _Test, other: str, theirs: _Test) -> Iterator[str]:
    """How the tests of two runs differ, in sentences."""
    for first, second, one in (
        (mine.words.keys(), theirs.words.keys(), "take"),
        (mine.sounds.keys(), theirs.sounds.keys(), "recording"),
    ):
        if first == second:
            continue
        both, alone = counted(len(first & second), one), (len(first - second), len(second - first))
        of_what = "" if one == "take" else f" of other sound ({mine.hours:.2f} h and {theirs.hours:.2f} h in all)"
        yield (
            f"{both}{of_what} examined both; {counted(alone[0], one)} examined {own} alone, and"
            f" {counted(alone[1], one)} {other} alone."
        )
