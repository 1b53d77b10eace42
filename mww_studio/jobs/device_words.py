"""The wake words that a person may add to a device: what other projects exported, and the official ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mww_studio.constitution.manifest import glance_at
from mww_studio.export.bundle import own_stem
from mww_studio.export.provenance import PROVENANCE, Provenance
from mww_studio.reference import official_model

OFFICIAL = ("okay_nabu", "hey_jarvis", "hey_mycroft", "alexa")
_EXPORTS = "exports"


@dataclass(frozen=True)
class KnownWord:
    """A word that is there to be added. ``official``: it came with the program, not from a project."""

    wake_word: str
    manifest: Path
    official: bool


def known_words(projects: Sequence[Path]) -> tuple[KnownWord, ...]:
    """The newest export of each of ``projects`` (their folders) that has one, then the official words."""
    exported = filter(None, map(_newest, projects))
    official = (official_model(name).with_suffix(".json") for name in OFFICIAL)
    return (*_known(exported, official=False), *_known(official, official=True))


def word_of(manifest: Path) -> str:
    """The wake word of a manifest, or where it has none the name of the file."""
    return glance_at(manifest).wake_word or manifest.name


def _known(manifests: Iterator[Path], *, official: bool) -> Iterator[KnownWord]:
    for manifest in manifests:
        seen = glance_at(manifest)
        if seen.wake_word and seen.model:
            yield KnownWord(seen.wake_word, manifest, official)


def _newest(project: Path) -> Path | None:
    """The manifest of the project's own word that was exported last: what else the device hears lies beside it."""
    try:
        told = max((project / _EXPORTS).glob(f"*/{PROVENANCE}"), key=lambda path: path.stat().st_mtime)
        word = Provenance.model_validate_json(told.read_bytes()).wake_word
    except (OSError, ValueError):  # no export, or one that is no more what it was
        return None
    return told.with_name(f"{own_stem(word)}.json")
