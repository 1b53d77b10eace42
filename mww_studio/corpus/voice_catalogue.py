"""Voices that can be downloaded: the collection of Piper's voices, and more style vectors for Kokoro.

Piper's collection has an index with the size and MD5 of every file; it is fetched once and renewed when asked. A voice
lies in a folder of its own, and counts as installed when all of its files are there and were held against their hashes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated

import yaml
from pydantic import BaseModel, Field, StringConstraints, TypeAdapter, ValidationError

from mww_studio.corpus.download import Remote, fetch
from mww_studio.corpus.voice_folder import finish_voice, installed_voices, licence_of, remove_voice, voices_folder
from mww_studio.corpus.voice_kokoro import STYLE_BYTES, Kokoro, style_language
from mww_studio.corpus.voice_piper import Piper, can_be_spoken
from mww_studio.corpus.voices import primary_language
from mww_studio.errors import StudioError
from mww_studio.progress import Progress
from mww_studio.resources import resource

PIPER_SITE = "https://huggingface.co/rhasspy/piper-voices/resolve/main/"
_INDEX = "voices.json"
_CARD = "MODEL_CARD"
_LICENCE = re.compile(r"^\W*licen[cs]e\W*[:=]\W*(?P<licence>\S.*)$", re.IGNORECASE | re.MULTILINE)
_NON_COMMERCIAL = re.compile(r"\bNC\b|non.?commercial|research only|personal use", re.IGNORECASE)
_NOT_STATED = "not stated; read the description of the voice"
_QUALITIES = ("x_low", "low", "medium", "high")
_LANGUAGES = {
    "en": "English", "es": "Spanish", "fr": "French", "hi": "Hindi", "it": "Italian", "pt": "Portuguese",
    "zh": "Chinese",
}  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """A voice that can be installed, or is. ``speakers``: how many people it can be; ``bytes``: of all its files.

    ``card``: where its description with its licence stands; ``licence`` is empty as long as nobody has read that.
    """

    engine: str
    name: str
    title: str
    language: str
    speakers: int
    quality: str
    files: Mapping[str, Remote]
    card: Remote | None
    licence: str
    installed: bool

    @property
    def bytes(self) -> int:
        """How much is downloaded."""
        return sum(remote.bytes or 0 for remote in self.files.values())


@dataclass(frozen=True)
class Card:
    """What is to be read before a voice is downloaded. ``non_commercial``: its licence forbids commercial use."""

    licence: str
    non_commercial: bool
    text: str


class _File(BaseModel):
    size_bytes: int = Field(gt=0)
    md5_digest: Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")]


class _Language(BaseModel):
    code: str
    name_english: str
    country_english: str = ""


class _Entry(BaseModel):
    """A voice in the index of Piper's collection; the key becomes the name of a folder."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}_[A-Z]{2,4}-[A-Za-z0-9_+]+-(x_low|low|medium|high)$")]
    name: str
    language: _Language
    quality: str
    num_speakers: int = Field(ge=1, le=100_000)
    files: dict[str, _File]


class _Styles(BaseModel):
    site: str
    licence: str
    styles: dict[str, str]


def catalogue(progress: Progress, *, refresh: bool = False) -> list[Offer]:
    """Everything that can be installed or is, by language. The first time, and to ``refresh``, the internet is asked.

    Raises StudioError ``download.*``, ``voices.catalogue`` where the index makes no sense; Cancelled.
    """
    index = _index_path()
    if refresh or not index.is_file():
        fresh = index.with_suffix(".fresh.json")
        fresh.unlink(missing_ok=True)
        fetch(Remote(PIPER_SITE + _INDEX), fresh, progress)
        try:
            read_index(fresh)
        except StudioError:
            fresh.unlink(missing_ok=True)
            raise
        fresh.replace(index)
    return known_offers()


def known_offers() -> list[Offer]:
    """The same without the internet: without an index only Kokoro's styles, and what is installed.

    Raises StudioError ``voices.catalogue``.
    """
    offers = kokoro_offers()
    if _index_path().is_file():
        offers += read_index(_index_path())
    known = {offer.name for offer in offers}
    offers += [_installed_offer(folder) for folder in installed_voices(Piper.name) if folder.name not in known]
    return sorted(offers, key=lambda offer: (offer.language, offer.engine, offer.name))


def read_index(path: Path) -> list[Offer]:
    """The voices in an index of Piper's collection; entries that make no sense are left out.

    Raises StudioError ``voices.catalogue`` where there is none at all.
    """
    try:
        rows = TypeAdapter(dict[str, object]).validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise _bad_index(str(error)) from None
    entries = []
    for row in rows.values():
        try:
            entries.append(_Entry.model_validate(row))
        except ValidationError:
            continue
    offers = [offer for offer in map(_piper_offer, entries) if offer is not None]
    if not offers:
        raise _bad_index(f"None of its {len(rows)} entries is a voice.")
    return offers


def kokoro_offers() -> list[Offer]:
    """Kokoro's further styles: those of a language together are one voice to install."""
    styles = _Styles.model_validate(yaml.safe_load(resource("voices", "kokoro_styles.yaml").read_text("utf-8")))
    languages = sorted({style_language(name) for name in styles.styles})
    offers = []
    for language in languages:
        names = [name for name in styles.styles if style_language(name) == language]
        files = {
            f"{name}.bin": Remote(f"{styles.site}{name}.bin", sha256=styles.styles[name], bytes=STYLE_BYTES)
            for name in names
        }
        title, place = f"Kokoro, {_LANGUAGES[language]}", voices_folder(Kokoro.name) / f"kokoro-{language}"
        installed = place in installed_voices(Kokoro.name)
        offers.append(
            Offer(Kokoro.name, place.name, title, language, len(names), "high", files, None, styles.licence, installed)
        )
    return offers


def find_offer(name: str, offers: Sequence[Offer]) -> Offer:
    """The voice of this name. Raises StudioError ``voices.unknown``."""
    for offer in offers:
        if offer.name == name:
            return offer
    raise StudioError(
        "voices.unknown", f"There is no voice “{name}” in the catalogue.", do="See them with: mww-studio voices."
    )


def read_card(offer: Offer, progress: Progress) -> Card:
    """What is to be read before the download. Raises StudioError ``download.*``; Cancelled."""
    if offer.card is None:
        return Card(offer.licence, bool(_NON_COMMERCIAL.search(offer.licence)), "")
    path = fetch(offer.card, _folder(offer) / _CARD, progress)
    text = path.read_text(encoding="utf-8", errors="replace")
    found = _LICENCE.search(text)
    licence = found["licence"].strip() if found else _NOT_STATED
    return Card(licence, bool(_NON_COMMERCIAL.search(licence)), text)


def install_voice(offer: Offer, progress: Progress) -> Path:
    """Download a voice, or the rest of it; returns its folder.

    Raises StudioError ``download.*``, and ``voices.unsupported`` where the engine that is here cannot speak it;
    Cancelled. What has come stays and is not downloaded again.
    """
    card = read_card(offer, progress)
    folder = _folder(offer)
    for name, remote in offer.files.items():
        fetch(remote, folder / name, progress)
    if offer.engine == Piper.name and not can_be_spoken(folder / f"{offer.name}.onnx"):
        remove_voice(folder)
        raise StudioError(
            "voices.unsupported",
            f"The voice {offer.name} cannot be used.",
            why="It needs a program for the sounds of its language that is not part of this one.",
            do="Choose another voice.",
        )
    finish_voice(folder, card.licence)
    return folder


def uninstall_voice(name: str) -> None:
    """Delete an installed voice, and what was downloaded of one. Raises StudioError ``voices.not_installed``."""
    for engine in (Piper.name, Kokoro.name):
        if name in {folder.name for folder in _folders(engine)}:
            remove_voice(voices_folder(engine) / name)
            return
    raise StudioError("voices.not_installed", f"The voice “{name}” is not installed.", do="See: mww-studio voices.")


def _folders(engine: str) -> list[Path]:
    place = voices_folder(engine)
    return [path for path in place.iterdir() if path.is_dir()] if place.is_dir() else []


def _folder(offer: Offer) -> Path:
    return voices_folder(offer.engine) / offer.name


def _index_path() -> Path:
    return voices_folder(Piper.name).with_name("piper-voices.json")


def _piper_offer(entry: _Entry) -> Offer | None:
    """A voice of the index; None where its files are not those of a voice."""
    wanted = (f"{entry.key}.onnx.json", f"{entry.key}.onnx")
    paths = {PurePosixPath(path).name: path for path in entry.files}
    if not all(name in paths for name in wanted) or any(".." in path or ":" in path for path in entry.files):
        return None
    remotes = {
        name: Remote(PIPER_SITE + path, md5=entry.files[path].md5_digest, bytes=entry.files[path].size_bytes)
        for name, path in paths.items()
    }
    language = entry.language
    country = f" ({language.country_english})" if language.country_english else ""
    folder = voices_folder(Piper.name) / entry.key
    installed = folder in installed_voices(Piper.name)
    return Offer(
        Piper.name,
        entry.key,
        f"{entry.name.replace('_', ' ').capitalize()}, {language.name_english}{country}",
        language.code.replace("_", "-").lower(),
        entry.num_speakers,
        entry.quality if entry.quality in _QUALITIES else "",
        {name: remotes[name] for name in wanted},
        remotes.get(_CARD),
        licence_of(folder) if installed else "",
        installed,
    )


def _installed_offer(folder: Path) -> Offer:
    """A voice that is here and in no index."""
    language = folder.name.split("-")[0].replace("_", "-").lower()
    licence = licence_of(folder)
    return Offer(Piper.name, folder.name, folder.name, language, 1, "", {}, None, licence, installed=True)


def _bad_index(why: str) -> StudioError:
    return StudioError(
        "voices.catalogue",
        "The catalogue of Piper's voices cannot be read.",
        why=why,
        do="Fetch it again; if that does not help, its publisher has changed it, and a newer release of this program"
        " will know.",
    )


def speaks(offer: Offer, language: str) -> bool:
    """Whether a voice is for a language."""
    return primary_language(offer.language) == primary_language(language)
