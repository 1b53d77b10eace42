"""A passport in words: the same sections for the terminal, the window, Markdown and the web page."""

from collections.abc import Iterator

from mww_studio.constitution.articles import law
from mww_studio.constitution.verdicts import Outcome, Verdict
from mww_studio.evaluation.chips import ARENA_SOURCE, ARENA_TRIES, SOURCE, ArenaNeed, Load
from mww_studio.evaluation.model_facts import ModelFacts, TensorFacts
from mww_studio.evaluation.passport import Passport
from mww_studio.evaluation.scorecard import Figures

_UNKNOWN = "not known"
KEPT = "yes"
"""What stands at a rule that is kept."""

_HOW_KEPT = {Outcome.PASS: KEPT, Outcome.WARN: "almost", Outcome.FAIL: "no"}
_ORDER = (Outcome.FAIL, Outcome.WARN, Outcome.PASS)
_NO_TRY, _NO_MANIFEST = "at no try", "–"

Row = tuple[str, ...]


class Section(Figures):
    """A table with a title, a sentence above it and a note below. ``key`` is its place on a page."""

    key: str
    title: str
    head: Row
    rows: tuple[Row, ...]
    sentence: str = ""
    note: str = ""


def sections(passport: Passport) -> tuple[Section, ...]:
    """All of it but the verdict on top."""
    found = [_where(passport), _file(passport)]
    if passport.decision is not None:
        found.append(_deciding(passport))
    if passport.facts is not None:
        found += [_taking(passport, passport.facts), *_memory(passport)]
        found += [_operations(passport.facts), *_states(passport.facts), _numbers(passport.facts)]
    return (*found, _rules(passport))


def beside(own: Passport, other: Passport) -> Section:
    """What two models decide and take, line by line; ``own`` comes second."""
    mine, others = _key_facts(own), _key_facts(other)
    labels = dict.fromkeys([*others, *mine])
    rows = tuple((label, others.get(label, _UNKNOWN), mine.get(label, _UNKNOWN)) for label in labels)
    return Section(key="beside", title="Beside your own", head=("", _name(other), _name(own)), rows=rows)


def _key_facts(passport: Passport) -> dict[str, str]:
    found = {f"Runs on {answer.device}": answer.runs.value for answer in passport.answers}
    taken = _taken(passport, passport.facts) if passport.facts is not None else ()
    found |= {row[0]: row[1] for row in (*taken, *_decided(passport))}
    kept = sum(rule.outcome is Outcome.PASS for rule in passport.rules)
    return {**found, "Rules kept": f"{kept} of {len(passport.rules)}"}


def _name(passport: Passport) -> str:
    return passport.wake_word or passport.model or passport.file


def _where(passport: Passport) -> Section:
    rows = tuple((answer.device, answer.runs.value, answer.why) for answer in passport.answers)
    return Section(key="where", title="Where it runs", head=("Device", "Runs", "Because"), rows=rows)


def _file(passport: Passport) -> Section:
    facts = passport.facts
    rows = [
        ("File", passport.file),
        ("Manifest", passport.manifest or "none: a device needs one"),
        ("Model", passport.model or "none"),
        ("Wake word", passport.wake_word or _UNKNOWN),
        ("Trained for", ", ".join(passport.languages or ()) or _UNKNOWN),
        ("Author", passport.author or _UNKNOWN),
        ("Website", passport.website or "none"),
        ("ESPHome from", passport.minimum_esphome or _UNKNOWN),
    ]
    if facts is not None:
        rows += [("SHA-256 of the model", facts.sha256), ("Version of the format", str(facts.schema_version))]
    return Section(key="file", title="The file", head=("", "Found"), rows=tuple(rows))


def _deciding(passport: Passport) -> Section:
    return Section(
        key="decides",
        title="How it decides",
        head=("", "Found"),
        rows=tuple(_decided(passport)),
        sentence="Read from the manifest, worked out as the device does it, in whole bytes.",
    )


def _decided(passport: Passport) -> list[Row]:
    decision = passport.decision
    rows: list[Row] = []
    if decision is not None:
        span = "" if decision.window_ms is None else f", {decision.window_ms} ms"
        rows = [
            ("Cut-off", f"{decision.cutoff:g}, on the device {decision.cutoff_byte} of 255"),
            ("Wakes when", f"the last {_many(decision.window, 'answer')} add up to more than {decision.limit:,}"),
            ("Sliding window", f"{_many(decision.window, 'answer')}{span}"),
            ("Deaf after it woke", f"{law().detection.ignore_slices * law().frontend.step_ms / 1000:g} s"),
        ]
    if passport.receptive_ms is not None:
        frames = _many(passport.receptive_frames or 0, "frame")
        rows.append(("Listens back", f"{passport.receptive_ms / 1000:.2f} s ({frames})"))
    elif passport.facts is not None:
        rows.append(("Listens back", "not worked out for a model of this build"))
    return rows


def _taking(passport: Passport, facts: ModelFacts) -> Section:
    note = SOURCE if passport.loads else ""
    return Section(
        key="takes", title="What it takes", head=("", "Found"), rows=tuple(_taken(passport, facts)), note=note
    )


def _taken(passport: Passport, facts: ModelFacts) -> Iterator[Row]:
    memory, pace = passport.memory, facts.inferences_per_s
    work = facts.multiply_accumulates
    yield "Flash", f"{facts.bytes:,} bytes"
    yield "Weights", f"{facts.weights:,}"
    yield "Takes at once", _UNKNOWN if facts.stride is None else _frames(facts.stride)
    yield "Inferences", _UNKNOWN if pace is None else f"{pace:.1f} a second"
    yield "Multiply-accumulates", _UNKNOWN if work is None else f"{work:,} in each inference"
    yield "Operations", f"{facts.operation_count}, of {_many(len(facts.operations), 'kind')}"
    yield "States", f"{len(facts.states)}, together {facts.state_bytes:,} bytes"
    for load in passport.loads:
        yield f"{load.title}, estimate", _load(load)
    yield "Arena, measured here", _bytes(memory.measured_bytes)
    if passport.manifest is not None:
        yield "Arena in the manifest", _bytes(memory.manifest_bytes)


def _load(load: Load) -> str:
    share = f"{100 * load.least_share:.1f} to {100 * load.most_share:.1f} % of a core"
    return f"{share} ({load.least_ms:.2f} to {load.most_ms:.2f} ms an inference)"


def _memory(passport: Passport) -> Iterator[Section]:
    if passport.memory.needs:
        yield Section(
            key="memory",
            title="Working memory on a device",
            head=("With", "Needs at most, estimate", "Fits, with this manifest"),
            rows=tuple((need.library, _bytes(need.bytes), _attempt(need)) for need in passport.memory.needs),
            note=f"{ARENA_SOURCE} Older firmware tries the first size only.",
        )


def _attempt(need: ArenaNeed) -> str:
    if need.attempt is None:
        return _NO_MANIFEST
    return f"at try {need.attempt} of {len(ARENA_TRIES)}" if need.attempt else _NO_TRY


def _operations(facts: ModelFacts) -> Section:
    return Section(
        key="operations",
        title="Operations",
        head=("Operation", "Times", "ESPHome has it"),
        rows=tuple((one.name, str(one.count), "yes" if one.allowed else "no") for one in facts.operations),
        sentence=f"In all {_many(facts.parts, 'graph')} of the file.",
    )


def _states(facts: ModelFacts) -> Iterator[Section]:
    if facts.states:
        yield Section(
            key="states",
            title="States",
            head=("Ring buffer", "Frames", "Channels", "Bytes"),
            rows=tuple(
                (one.name, str(one.frames), str(one.channels), f"{one.frames * one.channels:,}") for one in facts.states
            ),
            sentence=f"What it remembers between two inferences: {facts.state_bytes:,} bytes.",
        )


def _numbers(facts: ModelFacts) -> Section:
    kinds = ", ".join(f"{count} {kind}" for kind, count in facts.tensor_types.items())
    rows = [("Input", *_tensor(facts.input)), ("Output", *_tensor(facts.output))]
    return Section(
        key="numbers",
        title="Numbers",
        head=("", "Type", "Shape", "Scale", "Zero point"),
        rows=tuple(rows),
        sentence=f"Tensors: {kinds}.",
    )


def _tensor(tensor: TensorFacts | None) -> Row:
    if tensor is None:
        return ("none", "–", "–", "–")
    scale = "none" if tensor.scale is None else f"{tensor.scale:.8g}"
    zero_point = "none" if tensor.zero_point is None else str(tensor.zero_point)
    return (tensor.type, " x ".join(map(str, tensor.shape)) or "a single number", scale, zero_point)


def _rules(passport: Passport) -> Section:
    ordered = sorted(passport.rules, key=lambda rule: _ORDER.index(rule.outcome))
    some = any(rule.outcome is Outcome.WARN for rule in passport.rules)
    almost = " “Almost” is what a device runs all the same." if some else ""
    kept = sum(rule.outcome is Outcome.PASS for rule in passport.rules)
    return Section(
        key="rules",
        title="Every rule",
        head=("Kept", "Rule", "Found", "Expected", "Otherwise"),
        rows=tuple(_rule(rule) for rule in ordered),
        sentence=f"{kept} of {len(passport.rules)} rules are kept.{almost}",
    )


def _rule(rule: Verdict) -> Row:
    otherwise = "" if rule.outcome is Outcome.PASS else rule.consequence
    return _HOW_KEPT[rule.outcome], law().rules[rule.rule].says, rule.found, rule.expected, otherwise


def _frames(stride: int) -> str:
    return f"{_many(stride, 'frame')}, {stride * law().frontend.step_ms} ms"


def _bytes(size: int | None) -> str:
    return _UNKNOWN if size is None else f"{size:,} bytes"


def _many(count: int, one: str) -> str:
    return f"{count:,} {one if count == 1 else one + 's'}"
