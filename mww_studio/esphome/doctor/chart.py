"""What the checks look at: the configuration with the wake words that it names, and where they write findings down."""

import re
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from pathlib import Path

from mww_studio.esphome.doctor.edits import Edits, replaced
from mww_studio.esphome.doctor.findings import Finding, Place, Severity
from mww_studio.esphome.doctor.reading import Config
from mww_studio.esphome.doctor.tree import Entry, Item, Mapping, Scalar, Sequence, Unread


@dataclass(frozen=True)
class ArenaNeed:
    """The working memory of a model: below ``least_bytes`` it never loads; ``good_bytes`` is what to ask for."""

    least_bytes: int
    good_bytes: int


MeasureArena = Callable[[Path], ArenaNeed | None]
"""Measures a model; None where that cannot be done."""

START = "micro_wake_word.start"
LISTENER, ASSISTANT = "micro_wake_word", "voice_assistant"
_YES, _NO = {"true", "yes", "on", "enable"}, {"false", "no", "off", "disable"}


@dataclass
class Chart:
    """One look at a configuration; ``findings`` grows while the checks go through it."""

    config: Config
    overlay: Map[Path, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def listener(self) -> Mapping | None:
        """The ``micro_wake_word`` of the configuration."""
        found = self.config.at(LISTENER)
        return found if isinstance(found, Mapping) else None

    @property
    def assistant(self) -> Mapping | None:
        """The ``voice_assistant`` of the configuration."""
        found = self.config.at(ASSISTANT)
        return found if isinstance(found, Mapping) else None

    def text(self, *keys: str) -> str | None:
        """The single value under these keys, None where nothing is known of it."""
        return self.config.value(self.config.at(*keys))

    def of(self, mapping: Item | None, key: str) -> str | None:
        """The single value of a key, None where nothing is known of it."""
        return self.config.value(mapping.get(key)) if isinstance(mapping, Mapping) else None

    def says(self, mapping: Item | None, key: str, default: bool) -> bool:
        """Whether a switch is on; what is not understood is the default."""
        text = (self.of(mapping, key) or "").strip().lower()
        return text in _YES or (default and text not in _NO)

    def components(self, *domains: str, platform: str = "") -> list[Mapping]:
        """The parts of some domains, which may be one or a list, of one platform if it is named."""
        found = []
        for domain in domains:
            found += [one for one in as_list(self.config.root.get(domain)) if isinstance(one, Mapping)]
        return [one for one in found if not platform or self.of(one, "platform") == platform]

    def find(
        self, code: str, severity: Severity, what: str, do: str, item: Item | Entry | None = None, edits: Edits = ()
    ) -> None:
        """Write a finding down; without an item it is about the whole file."""
        item = item.key if isinstance(item, Entry) else item
        source = item.source if item else self.config.main
        place = Place(source.path, source.shown, item.line if item else 1)
        self.findings.append(Finding(code, severity, what, do, place, edits))

    def error(self, code: str, what: str, do: str, item: Item | Entry | None = None, edits: Edits = ()) -> None:
        """Write down what keeps the wake word from working."""
        self.find(code, Severity.ERROR, what, do, item, edits)

    def warn(self, code: str, what: str, do: str, item: Item | Entry | None = None, edits: Edits = ()) -> None:
        """Write down what people will miss."""
        self.find(code, Severity.WARNING, what, do, item, edits)

    def hint(self, code: str, what: str, do: str, item: Item | Entry | None = None, edits: Edits = ()) -> None:
        """Write down what is worth knowing."""
        self.find(code, Severity.HINT, what, do, item, edits)

    def find_in(self, path: Path, shown: str, code: str, what: str, do: str) -> None:
        """Write down what keeps the wake word from working, about a file as a whole."""
        self.findings.append(Finding(code, Severity.ERROR, what, do, Place(path, shown, 1)))

    def rewritten(self, item: Item | None, text: str | None) -> Edits:
        """``item`` saying ``text``: in place, or in the substitution that it names if nothing else does."""
        if text is None or not isinstance(item, Scalar):
            return ()
        origin = self.config.origin(item)
        if origin is not item and self.config.uses(origin) > 1:
            return ()
        quote = origin.style if origin.style in ("'", '"') else ""
        if not _PLAIN.fullmatch(text):
            quote = quote or '"'
        return replaced(origin, f"{quote}{text}{quote}")

    def actions(self, name: str) -> list[tuple[str, ...]]:
        """Where an action stands: the keys that lead to it, one list for each place."""
        return [keys for keys, found in self.walk() if found == name]

    def walk(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Every key and every single value, with the keys that lead there."""
        yield from _walk(self.config.root, ())

    def starts_listening(self) -> tuple[bool, bool]:
        """Whether something starts the listening at all, and whether something does so after an answer."""
        first = again = False
        name = self.of(self.listener, "id") or r"\w+"
        lambdas = re.compile(rf"\bid\(\s*{name}\s*\)\s*(?:\.|->)\s*start\s*\(")
        for keys, found in self.walk():
            if found != START and not lambdas.search(found):
                continue
            event = keys[1] if len(keys) > 1 and keys[0] == ASSISTANT else ""
            after = event in _AFTER
            first = first or not after
            again = again or after or (event != "on_client_connected" and "on_boot" not in keys and keys[0] != "api")
        return first, again


_PLAIN = re.compile(r"(?:\w[\w./%-]*|\w+://[\w./@-]+)")
_AFTER = {"on_end", "on_error", "on_idle", "on_tts_end", "on_tts_stream_end"}


def as_list(item: Item | None) -> list[Item]:
    """What may be one or a list, as a list; nothing where nothing stands."""
    if item is None or isinstance(item, Unread) or (isinstance(item, Scalar) and item.empty):
        return []
    return list(item.items) if isinstance(item, Sequence) else [item]


def _walk(item: Item, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(item, Mapping):
        for entry in item.entries:
            yield keys, entry.key.text
            yield from _walk(entry.value, (*keys, entry.key.text))
    elif isinstance(item, Sequence):
        for one in item.items:
            yield from _walk(one, keys)
    elif isinstance(item, Scalar):
        yield keys, item.text
