"""The wake words of a device on their way there: each read once and carefully, then fitted to the board together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mww_studio.constitution.articles import law
from mww_studio.constitution.manifest import Manifest, check_manifest, read_manifest
from mww_studio.constitution.model import read_model_file
from mww_studio.constitution.verdicts import Outcome, Verdict
from mww_studio.errors import StudioError
from mww_studio.esphome.boards import Board, boards
from mww_studio.esphome.config import Sensitivity, device_name
from mww_studio.export.words_beside import licence_beside, sensitivities_beside


@dataclass(frozen=True)
class Word:
    """A model with its manifest, wherever they come from. ``vad``: it hears whether anybody speaks, not a word.

    ``stem``: what its files are called; ``model``: the bytes of the file; ``ours``: this program made it, so WRITER
    rules bind; ``licence``: the text that came with it, as it was.
    """

    stem: str
    manifest: Manifest
    model: bytes
    sensitivities: tuple[Sensitivity, ...] = ()
    ours: bool = False
    vad: bool = False
    licence: bytes | None = None


@dataclass(frozen=True)
class DeviceOrder:
    """What a person asks for: a board, the device's name (any text; the first word's if empty), and what else it hears.

    ``further``: manifests of other wake words, in their order; ``vad``: that of a voice activity model.
    """

    board: str
    name: str = ""
    further: tuple[Path, ...] = ()
    vad: Path | None = None


def read_word(path: Path, *, vad: bool = False) -> Word:
    """The wake word, or with ``vad`` the voice activity model, that the manifest in ``path`` describes.

    What this program once measured for the very model, and a licence, come along where they lie beside the manifest.
    Nothing but plain files there are read, and no more of them than the law or their purpose allows. Raises StudioError
    ``manifest.invalid``, ``word.refused`` where the model is not such a file, and ``word.vad`` for another model.
    """
    manifest = read_manifest(path, vad=vad)
    broken = [verdict for verdict in check_manifest(path, vad=vad) if verdict.outcome is Outcome.FAIL]
    model = None if broken else read_model_file(manifest.model_path(path.parent))
    if model is None:
        raise StudioError(
            "word.refused",
            f"The model of {path.name} cannot be used.",
            why="\n".join(map(sentence, broken)) or f"{manifest.model} is empty, too big or cannot be read.",
            do="Put the model itself beside its manifest.",
        )
    if vad and manifest.wake_word not in law().manifest.reserved_wake_words:
        raise StudioError(
            "word.vad",
            f"{path.name} is no model of voice activity.",
            why=f"It hears “{manifest.wake_word}”. ESPHome knows a voice activity model by the wake word “vad”.",
            do="Choose the manifest of a voice activity model, or leave it out.",
        )
    return Word(
        device_name(path.stem).replace("-", "_"),
        manifest,
        model,
        () if vad else sensitivities_beside(path, manifest, model),
        vad=vad,
        licence=licence_beside(path),
    )


def apart(words: Sequence[Word]) -> list[str]:
    """A name for the files of each of ``words``, no two alike."""
    stems: list[str] = []
    for word in words:
        numbered = (word.stem if number == 1 else f"{word.stem}_{number}" for number in range(1, len(words) + 1))
        stems.append(next(stem for stem in numbered if stem not in stems))
    return stems


def fit(words: Sequence[Word], board: Board) -> tuple[str, ...]:
    """Whether ``words``, a voice activity model among them, work together on ``board``; returns what to bear in mind.

    Raises StudioError ``device.no_word``, ``device.twice``, ``device.step`` and ``device.memory``.
    """
    spoken = [word.manifest.wake_word for word in words if not word.vad]
    if not spoken:
        raise StudioError("device.no_word", "No wake word was given.", do="Give the manifest of at least one.")
    models = [word.model for word in words]
    if len(set(models)) < len(models):
        alike = (f"“{word.manifest.wake_word}”" for word in words if models.count(word.model) > 1)
        raise StudioError(
            "device.twice",
            "A model was given twice.",
            why=f"The models of these are the same: {', '.join(alike)}.",
            do="Give each only once.",
        )
    steps = {word.manifest.feature_step_size for word in words}
    if len(steps) > 1:
        raise StudioError(
            "device.step",
            "These wake words cannot live on one device.",
            why=f"Their feature steps differ: {', '.join(f'{step} ms' for step in sorted(steps))}.",
            do="Leave out those of one kind.",
        )
    wanted = sum(word.manifest.tensor_arena_size for word in words)
    if wanted > board.arena_bytes:
        roomier = next(each.title for each in boards() if each.arena_bytes > wanted)
        raise StudioError(
            "device.memory",
            f"{board.title} cannot hold these wake words together.",
            why=f"They ask for {wanted:,} bytes of working memory; {board.arena_bytes:,} are left for them there.",
            do=f"Leave out one of them{' or voice activity' if any(word.vad for word in words) else ''},"
            f" or choose a board with PSRAM such as {roomier}.",
        )
    return tuple(_remarks(words, spoken, board))


def sentence(verdict: Verdict) -> str:
    """A broken rule in words."""
    return f"{verdict.rule}: {verdict.found}, expected {verdict.expected}. {verdict.consequence}"


def _remarks(words: Sequence[Word], spoken: Sequence[str], board: Board) -> Iterator[str]:
    if board.package is not None:
        yield (
            "The configuration was checked with a stand-in for the vendor's own, which ESPHome fetches from"
            f" {board.package.url}. What stands there today is only known when it is built."
        )
    if not board.psram and len(words) > 1:
        yield (
            f"{board.title} has no PSRAM, and {len(words)} models share its little memory. If it restarts by itself,"
            " leave one out."
        )
    for text in sorted({text for text in spoken if spoken.count(text) > 1}):
        yield f"Home Assistant will list “{text}” more than once, because several models hear it."
