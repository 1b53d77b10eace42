"""A passport for any model: everything that can be found out about its files, and whether a device runs them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from mww_studio.constitution.articles import law
from mww_studio.constitution.flatbuffer import BrokenModelError
from mww_studio.constitution.manifest import Glance, glance_at
from mww_studio.constitution.model import read_model_file
from mww_studio.constitution.verdicts import Outcome, Verdict
from mww_studio.durable import write_durably
from mww_studio.errors import StudioError
from mww_studio.esphome.boards import boards
from mww_studio.evaluation.chips import CHIPS, Chip, Load, estimate_arena, estimate_loads
from mww_studio.evaluation.model_facts import ModelFacts, read_facts
from mww_studio.evaluation.passport import Answer, Decision, Memory, Passport, Runs, decision_of, heard_ms
from mww_studio.evaluation.trial import Trial, try_model
from mww_studio.jobs.verify import Findings, examine_file
from mww_studio.jobs.wording import counted

LINUX = "Linux voice assistant (pymicro-wakeword)"
_USUAL_WINDOW = 5
_MOST_SHARE = 0.5  # of a core: beside Wi-Fi, the sound and the assistant there is hardly more
_SUFFIXES = (".html", ".md", ".json")


def make_passport(path: Path) -> Passport:
    """The passport of a .tflite, a manifest or the folder of an export; two or three seconds.

    Never raises for a bad file; raises StudioError ``verify.kind`` for something that is neither.
    """
    findings = examine_file(path)
    seen = glance_at(findings.manifest) if findings.manifest is not None else Glance()
    facts = _facts(findings.model)
    trial = _trial(findings, facts, seen)
    frames = None if trial is None else trial.receptive_frames
    memory = Memory(
        manifest_bytes=seen.tensor_arena_size,
        measured_bytes=findings.arena_bytes,
        needs=() if findings.arena_bytes is None else estimate_arena(findings.arena_bytes, seen.tensor_arena_size),
    )
    loads = estimate_loads(facts) if facts is not None else ()
    chips = [_on_chip(chip, findings.verdicts, memory, loads) for chip in CHIPS]
    answers = (*chips, _on_linux(findings, trial))
    title, text, tone = _verdict(answers)
    answers = tuple(_shortened(answers))
    return Passport(
        file=printable_name(path),
        title=title,
        text=text,
        tone=tone,
        answers=answers,
        wake_word=seen.wake_word,
        author=seen.author,
        website=seen.website,
        languages=seen.trained_languages,
        minimum_esphome=seen.minimum_esphome_version,
        manifest=None if findings.manifest is None else printable_name(findings.manifest),
        model=None if findings.model is None else printable_name(findings.model),
        facts=facts,
        decision=_decision(seen, facts),
        memory=memory,
        loads=loads,
        receptive_frames=frames,
        receptive_ms=None if frames is None else heard_ms(frames),
        rules=tuple(findings.verdicts),
    )


def save_passport(passport: Passport, out: Path) -> None:
    """Write it as a web page, Markdown or JSON, as the name of ``out`` ends. Raises StudioError ``verify.out``."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_durably(out, _written(passport, check_out(out)).encode())
    except OSError as error:
        raise StudioError(
            "verify.out",
            f"The passport could not be written to {out}.",
            why=f"{error.strerror}.",
            do="Choose another folder.",
        ) from None


def check_out(out: Path) -> str:
    """The ending of a file that a passport can be written to. Raises StudioError ``verify.out``."""
    if out.suffix.lower() not in _SUFFIXES or out.is_dir():
        raise StudioError(
            "verify.out",
            f"A passport cannot be written to {out}.",
            why="This is a folder." if out.is_dir() else "",
            do=f"Give a file whose name ends in {', '.join(_SUFFIXES[:-1])} or {_SUFFIXES[-1]}.",
        )
    return out.suffix.lower()


def printable_name(path: Path) -> str:
    """The name of a file, without what would steer a terminal."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in path.name)


def _written(passport: Passport, suffix: str) -> str:
    made_on = datetime.now(UTC).astimezone().strftime("%Y-%m-%d")
    if suffix == ".html":
        from mww_studio.evaluation.html_passport import render

        return render(passport, made_on)
    if suffix == ".md":
        from mww_studio.evaluation.passport_text import markdown

        return markdown(passport, made_on)
    return passport.model_dump_json(indent=1) + "\n"


def _facts(model: Path | None) -> ModelFacts | None:
    content = None if model is None else read_model_file(model)
    try:
        return None if content is None else read_facts(content)
    except BrokenModelError:
        return None


def _trial(findings: Findings, facts: ModelFacts | None, seen: Glance) -> Trial | None:
    """Only of what is a model at all: what cannot even be read need not be tried."""
    if findings.model is None or facts is None:
        return None
    return try_model(findings.model, seen.sliding_window_size or _USUAL_WINDOW)


def _decision(seen: Glance, facts: ModelFacts | None) -> Decision | None:
    if seen.probability_cutoff is None or seen.sliding_window_size is None:
        return None
    stride = None if facts is None else facts.stride
    return decision_of(seen.probability_cutoff, seen.sliding_window_size, stride)


def _on_chip(chip: Chip, verdicts: Sequence[Verdict], memory: Memory, loads: Sequence[Load]) -> Answer:
    broken = [verdict for verdict in verdicts if verdict.outcome is Outcome.FAIL]
    if broken:
        return Answer(device=chip.title, runs=Runs.NO, why=_broken(broken))
    load = next((each for each in loads if each.chip == chip.key), None)
    if load is not None and load.least_share >= 1:
        why = f"It would take all of a core and more: at least {100 * load.least_share:.0f} % (an estimate)."
        return Answer(device=chip.title, runs=Runs.NO, why=why)
    doubts = [*_slow(load), *_short(memory), *_crowded(chip, memory)]
    if doubts:
        return Answer(device=chip.title, runs=Runs.PERHAPS, why=" ".join(doubts))
    tried = ", and the firmware's own interpreter loaded it here" if memory.measured_bytes is not None else ""
    share = "" if load is None else f" On an {chip.title} it takes about {_share(load)} of a core (an estimate)."
    why = f"Every rule that the firmware makes is kept{tried}.{share}"
    return Answer(device=chip.title, runs=Runs.YES, why=why)


def _broken(broken: Sequence[Verdict]) -> str:
    first = broken[0]
    more = f" {counted(len(broken) - 1, 'more rule is', 'more rules are')} broken." if len(broken) > 1 else ""
    says = law().rules[first.rule].says.rstrip(".")
    return f"A rule is broken: “{says}”. Found: {first.found}. {first.consequence}{more}"


def _slow(load: Load | None) -> list[str]:
    if load is None or load.most_share <= _MOST_SHARE:
        return []
    return [f"It may be too slow: {_share(load)} of a core (an estimate)."]


def _short(memory: Memory) -> list[str]:
    if not memory.needs or memory.needs[0].attempt != 0:
        return []
    need = memory.needs[0].bytes
    return [f"It may need {need:,} bytes of working memory (an estimate), more than twice what its manifest asks for."]


def _crowded(chip: Chip, memory: Memory) -> list[str]:
    wanted = memory.manifest_bytes or (memory.needs[0].bytes if memory.needs else 0)
    room = min(board.arena_bytes for board in boards() if board.chip == chip.key)
    if wanted <= room:
        return []
    return [f"Boards without PSRAM may not have the {wanted:,} bytes of working memory that it wants."]


def _share(load: Load) -> str:
    return f"{100 * load.least_share:.0f} to {100 * load.most_share:.0f} %"


def _on_linux(findings: Findings, trial: Trial | None) -> Answer:
    if trial is None:
        why = _broken([one for one in findings.verdicts if one.outcome is Outcome.FAIL][:1])
        return Answer(device=LINUX, runs=Runs.NO, why=why)
    if trial.linux_refusal:
        return Answer(device=LINUX, runs=Runs.NO, why=f"It was tried here: {trial.linux_refusal}.")
    said = "It was tried here and answered with probabilities"
    bad = [one for one in findings.verdicts if one.outcome is Outcome.FAIL and one.article == "manifest"]
    if bad:
        says = law().rules[bad[0].rule].says
        return Answer(device=LINUX, runs=Runs.PERHAPS, why=f"{said}, but its manifest breaks a rule: {says}")
    if findings.manifest is None:
        return Answer(device=LINUX, runs=Runs.YES, why=f"{said}; it still needs a manifest.")
    return Answer(device=LINUX, runs=Runs.YES, why=f"{said}.")


def _shortened(answers: Sequence[Answer]) -> Iterator[Answer]:
    """A reason why not is given once."""
    first = answers[0]
    for answer in answers:
        same = answer is not first and answer.why == first.why and answer.runs is Runs.NO
        yield answer.model_copy(update={"why": f"For the same reason as on the {first.device}."}) if same else answer


def _verdict(answers: Sequence[Answer]) -> tuple[str, str, str]:
    """Title, text and tone: where it runs, and the first reason why not everywhere."""
    chips = [answer for answer in answers if answer.device != LINUX]
    names = " and ".join(chip.device for chip in chips)
    worst = next((one for runs in (Runs.NO, Runs.PERHAPS) for one in chips if one.runs is runs), None)
    if worst is None:
        linux = answers[-1]
        everywhere = linux.runs is Runs.YES
        title = f"It runs on {names}" if not everywhere else f"It runs on {names}, and on Linux voice assistants"
        return title, chips[0].why if everywhere else f"Not on Linux voice assistants. {linux.why}", "ok"
    if all(chip.runs is Runs.NO for chip in chips):
        return "No device with ESPHome runs it as it is", worst.why, "bad"
    doubt = "does not run" if worst.runs is Runs.NO else "may not run"
    return f"It {doubt} on {worst.device}", worst.why, "warn"
