"""What a run found out about its model, and all that the model said, kept in the run's folder."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError

from mww_studio.durable import write_durably
from mww_studio.errors import StudioError
from mww_studio.evaluation.listening import Heard, HeardAmbience, HeardWord
from mww_studio.evaluation.operating_point import OperatingPoint
from mww_studio.evaluation.scorecard import Scorecard

CLEAN = "clean"
HEARD_VALIDATION, HEARD_TEST, HEARD_NOISE = "heard-validation.npz", "heard-test.npz", "heard-noise.npz"
_EXAMINATION = "examination.json"
_TRIED = "tried"


class Examination(BaseModel):
    """What a run found out about its model. ``remarks``: what the numbers do not show."""

    model_config = ConfigDict(frozen=True)

    operating_point: OperatingPoint
    scorecards: dict[str, Scorecard]
    arena_bytes: int
    remarks: tuple[str, ...]

    @property
    def scorecard(self) -> Scorecard:
        """The one that carries the verdict: on the takes as they are."""
        return self.scorecards[CLEAN]


def read_examination(folder: Path) -> Examination:
    """What the run in a folder found out. Raises StudioError ``results.none`` where it is not there or damaged."""
    try:
        return Examination.model_validate_json((folder / _EXAMINATION).read_bytes())
    except (OSError, ValidationError) as error:
        raise StudioError(
            "results.none",
            f"The run {folder.name} has no results that can be read.",
            why=f"{error}.",
            do="Train again.",
        ) from None


def write_examination(examination: Examination, folder: Path) -> None:
    """Keep it in the run's folder. Raises OSError."""
    write_durably(folder / _EXAMINATION, examination.model_dump_json(indent=1).encode())


def mark_tried(folder: Path) -> None:
    """Remember that somebody tried this run's model live. Raises OSError."""
    write_durably(folder / _TRIED, b"")


def was_tried(folder: Path) -> bool:
    """Whether somebody tried this run's model live."""
    return (folder / _TRIED).is_file()


def write_heard(heard: Heard, path: Path) -> None:
    """Keep what a model said: a megabyte for three hours. Raises OSError."""
    content = io.BytesIO()
    np.savez_compressed(
        content,
        runtime=heard.runtime,
        stride=heard.stride,
        word_ids=_texts([word.id for word in heard.words]),
        word_speakers=_texts([word.speaker or "" for word in heard.words]),
        word_starts_s=np.array([word.word_start_s for word in heard.words], np.float64),
        word_ends_s=np.array([_none_as_nan(word.speech_end_s) for word in heard.words], np.float64),
        word_lengths=_lengths([word.probabilities for word in heard.words]),
        word_outputs=_joined([word.probabilities for word in heard.words]),
        ambience_ids=_texts([stream.id for stream in heard.ambience]),
        ambience_sources=_texts([stream.source for stream in heard.ambience]),
        ambience_hours=np.array([stream.hours for stream in heard.ambience], np.float64),
        ambience_lengths=_lengths([stream.probabilities for stream in heard.ambience]),
        ambience_outputs=_joined([stream.probabilities for stream in heard.ambience]),
    )
    write_durably(path, content.getvalue())


def read_heard(path: Path) -> Heard:
    """What :func:`write_heard` kept. Raises StudioError ``results.old`` where it is not there or damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            return _heard({name: kept[name] for name in kept.files})
    except (OSError, ValueError, KeyError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise StudioError(
            "results.old",
            f"The run {path.parent.name} did not keep what its model said.",
            why=f"{path.name} is missing or damaged: an earlier version of this program made the run, or {error}.",
            do="Train again: a new run keeps it.",
        ) from None


def _heard(kept: dict[str, npt.NDArray[np.generic]]) -> Heard:
    words = [
        HeardWord(str(id_), outputs, float(start), None if np.isnan(end) else float(end), str(speaker) or None)
        for id_, speaker, start, end, outputs in zip(
            kept["word_ids"],
            kept["word_speakers"],
            kept["word_starts_s"].astype(np.float64),
            kept["word_ends_s"].astype(np.float64),
            _parted(kept["word_outputs"], kept["word_lengths"]),
            strict=True,
        )
    ]
    ambience = [
        HeardAmbience(str(id_), outputs, str(source), float(hours))
        for id_, source, hours, outputs in zip(
            kept["ambience_ids"],
            kept["ambience_sources"],
            kept["ambience_hours"].astype(np.float64),
            _parted(kept["ambience_outputs"], kept["ambience_lengths"]),
            strict=True,
        )
    ]
    return Heard(str(kept["runtime"]), int(kept["stride"].astype(np.int64)), words, ambience)


def _texts(texts: Sequence[str]) -> npt.NDArray[np.str_]:
    return np.array(texts, np.str_) if texts else np.zeros(0, "<U1")


def _none_as_nan(value: float | None) -> float:
    return np.nan if value is None else value


def _lengths(outputs: Sequence[npt.NDArray[np.uint8]]) -> npt.NDArray[np.int64]:
    return np.array([len(one) for one in outputs], np.int64)


def _joined(outputs: Sequence[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8]:
    return np.concatenate([np.zeros(0, np.uint8), *outputs])


def _parted(joined: npt.NDArray[np.generic], lengths: npt.NDArray[np.generic]) -> list[npt.NDArray[np.uint8]]:
    sizes = lengths.astype(np.int64)
    if len(joined) != sizes.sum():
        raise ValueError("its lengths do not fit")
    return np.split(joined.astype(np.uint8), np.cumsum(sizes)[:-1]) if len(sizes) else []
