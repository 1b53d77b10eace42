"""The job of the computer voices: they say all that was asked for, and a listener leaves out what went wrong.

What is said waits in the cache of speech; the job's folder gets a list of the lines that are good. So it can be stopped
at any time and goes on where it was, and however many takes are asked for, few of them are in memory.
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import compress, islice
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from mww_studio.corpus.listener import Cepstra, cepstra_of, outliers
from mww_studio.corpus.phrases import NearPhrase
from mww_studio.corpus.synthesis import Spoken, speak_lines
from mww_studio.corpus.voice_engines import engines
from mww_studio.corpus.voices import Engine, Line, ipa_of
from mww_studio.durable import write_durably
from mww_studio.errors import StudioError
from mww_studio.jobs.spec import JobSpec, read_spec_as
from mww_studio.jobs.voices_lines import Manner, mixed, near_lines, sentence_lines, wake_lines
from mww_studio.presets import Synthesis
from mww_studio.progress import Progress
from mww_studio.project.records import ClipKind

SAYING = "voices"
ROBOTS = ("espeak-ng",)
_MADE, _SUMMARY = "made.jsonl", "summary.json"
_UNLIKE = "unlike the others"
_ROUNDS = 3
_NO_LIMIT_S = 1e9


class VoicesSpec(JobSpec):
    """What computer voices are to say. ``first``: how many lines of each series were said for this project before.

    ``spellings``: the wake word as it is written, otherwise written, or IPA between slashes. ``cache``: where speech
    is kept; None is the usual place.
    """

    kind: Literal["voices"] = "voices"
    spellings: tuple[str, ...]
    language: str
    near: tuple[NearPhrase, ...] = ()
    takes: int
    near_takes: int
    sentences: int
    engines: tuple[str, ...] = ()
    first: dict[str, int] = Field(default_factory=dict)
    settings: Synthesis = Synthesis()
    cache: Path | None = None

    def first_of(self, kind: ClipKind, engine: str) -> int:
        """Where the series of one kind and engine begins."""
        return self.first.get(series(kind, engine), 0)


class Made(BaseModel):
    """A good take: its line, by which it is found in the cache."""

    model_config = ConfigDict(frozen=True)

    kind: ClipKind
    line: Line


class Summary(BaseModel):
    """What came of it. ``rejected``: how many takes for which reason; ``problems``: what did not work, in sentences."""

    model_config = ConfigDict(frozen=True)

    made: int
    engines: tuple[str, ...]
    rejected: dict[str, int]
    problems: tuple[str, ...]


def do_job(folder: Path, progress: Progress) -> dict[str, str]:
    """Let them speak. Raises StudioError ``voices.none``, ``voices.cache``, ``job.spec``; Cancelled."""
    return speak(read_spec_as(folder, VoicesSpec), folder, progress)


def speak(spec: VoicesSpec, folder: Path, progress: Progress) -> dict[str, str]:
    """Have everything in ``spec`` said, and write the list of what is good into ``folder``."""
    usable, problems = usable_engines(spec)
    choir = _Choir(spec, usable, progress)
    choir.speak()
    problems += choir.problems
    if not choir.good:
        raise StudioError(
            "voices.none",
            f"No computer voice could say “{spec.spellings[0]}”.",
            why=" ".join([*problems, *(f"{count} takes were {reason}." for reason, count in choir.rejected.items())]),
            do="See which voices there are with: mww-studio voices.",
        )
    made = [Made(kind=kind, line=line).model_dump_json() + "\n" for line, kind in choir.good.items()]
    write_durably(folder / _MADE, "".join(made).encode())
    summary = Summary(
        made=len(made),
        engines=tuple(dict.fromkeys(line.voice.engine for line in choir.good)),
        rejected=dict(choir.rejected),
        problems=tuple(problems),
    )
    write_durably(folder / _SUMMARY, summary.model_dump_json(indent=1).encode())
    return {"made": str(folder / _MADE), "summary": str(folder / _SUMMARY)}


def read_summary(folder: Path) -> Summary:
    """What came of a job that is done. Raises StudioError ``job.spec``."""
    try:
        return Summary.model_validate_json((folder / _SUMMARY).read_bytes())
    except (OSError, ValueError) as error:
        raise StudioError("job.spec", f"The job in {folder} cannot be read.", why=f"{error}.") from None


def read_made(folder: Path) -> Iterator[Made]:
    """The good takes of a job that is done, one after the other."""
    adapter = TypeAdapter(Made)
    with (folder / _MADE).open("rb") as file:
        for row in file:
            yield adapter.validate_json(row)


def cores() -> int:
    """How many processes can compute at once."""
    return os.cpu_count() or 1


def series(kind: ClipKind, engine: str) -> str:
    """The name of what one engine says of one kind."""
    return f"{kind} {engine}"


def usable_engines(spec: VoicesSpec) -> tuple[list[Engine], list[str]]:
    """The engines that will speak, and in sentences why others will not. Raises StudioError ``voices.unknown``."""
    known = {engine.name: engine for engine in engines()}
    for name in spec.engines:
        if name not in known:
            raise StudioError(
                "voices.unknown", f"There is no voice engine {name}.", do=f"Choose among: {', '.join(known)}."
            )
    usable, problems = [], []
    for name, engine in known.items():
        if not (name in spec.engines if spec.engines else spec.settings.engines.get(name, 0) > 0):
            continue
        missing = engine.missing()
        if missing:
            problems.append(f"{name} is not used: {missing}.")
            continue
        try:
            if engine.voices(spec.language):
                usable.append(engine)
            elif name in spec.engines:
                problems.append(f"{name} is not used: it has no voice for the language “{spec.language}”.")
        except StudioError as error:
            problems.append(str(error))
    return usable, problems


def shares_of(spec: VoicesSpec, usable: Sequence[Engine], engine: Engine) -> dict[ClipKind, int]:
    """How much of each kind one of the usable engines says."""
    natural = [one for one in usable if one.name not in ROBOTS]
    word = usable if spec.settings.robots_say_the_word or spec.engines or not natural else natural
    asked = {
        ClipKind.WAKE_WORD: (spec.takes, [one for one in word if _can_say(one, spec.spellings)]),
        ClipKind.NEAR: (spec.near_takes if spec.near else 0, usable),
        ClipKind.SPEECH: (spec.sentences, usable),
    }
    return {kind: _part(count, spec, speakers, engine) for kind, (count, speakers) in asked.items()}


def _can_say(engine: Engine, spellings: Sequence[str]) -> bool:
    return engine.says_ipa or any(ipa_of(spelling) is None for spelling in spellings)


def _part(count: int, spec: VoicesSpec, speakers: Sequence[Engine], engine: Engine) -> int:
    """What falls to one of several engines, such that all parts together are the whole."""
    weights = [spec.settings.engines.get(one.name, 0) or 1.0 for one in speakers]
    if engine not in speakers:
        return 0
    place = list(speakers).index(engine)
    return round(count * sum(weights[: place + 1]) / sum(weights)) - round(count * sum(weights[:place]) / sum(weights))


class _Series:
    """The lines of one engine, of which more can be had."""

    def __init__(self, engine: Engine, spec: VoicesSpec) -> None:
        settings, voices = spec.settings, engine.voices(spec.language)
        manner = Manner(settings.speed, settings.liveliness, settings.rhythm)
        spellings = [text for text in spec.spellings if engine.says_ipa or ipa_of(text) is None]
        endless: dict[ClipKind, Iterator[Line]] = {
            ClipKind.WAKE_WORD: wake_lines(voices, spellings, spec.language, manner) if spellings else iter(()),
            ClipKind.NEAR: near_lines(voices, spec.near, spec.language, manner, says_ipa=engine.says_ipa),
            ClipKind.SPEECH: sentence_lines(voices, spec.language, manner),
        }
        self._lines = {kind: islice(lines, spec.first_of(kind, engine.name), None) for kind, lines in endless.items()}

    def take(self, counts: Mapping[ClipKind, int]) -> dict[Line, ClipKind]:
        """The next lines, so many of each kind."""
        parts = {kind: list(islice(self._lines[kind], count)) for kind, count in counts.items()}
        kinds = {line: kind for kind, lines in parts.items() for line in lines}
        return {line: kinds[line] for line in mixed(*parts.values())}


@dataclass
class _Singer:
    """One engine: its lines, what it still owes, and the takes of the wake word that it said well."""

    series: _Series
    owed: Counter[ClipKind]
    well: list[Line] = field(default_factory=list)
    cepstra: list[Cepstra] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


class _Choir:
    """All engines together: they speak, one listens, and what is missing then is said by other lines."""

    def __init__(self, spec: VoicesSpec, usable: Sequence[Engine], progress: Progress) -> None:
        self.good: dict[Line, ClipKind] = {}
        self.rejected: Counter[str] = Counter()
        self.problems: list[str] = []
        self._spec, self._progress = spec, progress
        self._engines = {engine.name: engine for engine in usable}
        self._singers = {
            engine.name: _Singer(_Series(engine, spec), Counter(shares_of(spec, usable, engine))) for engine in usable
        }

    def speak(self) -> None:
        """Until all is said, as far as it goes. Raises StudioError ``voices.cache``, and Cancelled."""
        self._progress.phase(SAYING, sum(singer.owed.total() for singer in self._singers.values()))
        for _ in range(_ROUNDS):
            lines = {name: singer.series.take(singer.owed) for name, singer in self._singers.items()}
            if not any(lines.values()):
                break
            self._let_speak(lines)
            self._listen()

    def _let_speak(self, lines: Mapping[str, Mapping[Line, ClipKind]]) -> None:
        kinds = {line: kind for group in lines.values() for line, kind in group.items()}
        silent = Counter({name: len(group) for name, group in lines.items()})
        results = speak_lines(
            list(self._engines.values()),
            list(kinds),
            budget_s=_NO_LIMIT_S,
            progress=self._progress,
            cache=self._spec.cache,
            side_by_side=self._spec.settings.processes or max(1, cores() // max(1, len(self._engines))),
            must_keep=True,
        )
        with closing(results):
            for result in results:
                if isinstance(result, StudioError):
                    if result.code == "voices.cache":
                        raise result
                    self.problems.append(str(result))
                    self._progress.log(str(result))
                    continue
                silent[result.line.voice.engine] -= 1
                if isinstance(result, Spoken):
                    self._keep(result, kinds[result.line])
                else:
                    self.rejected[result.reason] += 1
        for name in [name for name, count in silent.items() if count]:  # it failed, and says no more
            self._singers[name].owed.clear()

    def _keep(self, take: Spoken, kind: ClipKind) -> None:
        line = take.line
        singer = self._singers[line.voice.engine]
        self.good[line] = kind
        singer.owed[kind] -= 1
        self._progress.step(len(self.good), voice=line.voice.label)
        if kind is ClipKind.WAKE_WORD and self._spec.settings.strictness:
            singer.well.append(line)
            singer.cepstra.append(cepstra_of(take.pcm, take.speech_start_s, take.speech_end_s))
            singer.seconds.append((take.speech_end_s - take.speech_start_s) * line.speed)

    def _listen(self) -> None:
        """Leave out the takes of the wake word that do not sound like the others of their engine."""
        for singer in self._singers.values():
            self._progress.check_cancelled()
            flags = outliers(singer.cepstra, singer.seconds, self._spec.settings.strictness)
            for line in compress(singer.well, flags):
                del self.good[line]
                self.rejected[_UNLIKE] += 1
                singer.owed[ClipKind.WAKE_WORD] += 1
            kept = [not flag for flag in flags]
            singer.well = list(compress(singer.well, kept))
            singer.cepstra = list(compress(singer.cepstra, kept))
            singer.seconds = list(compress(singer.seconds, kept))
