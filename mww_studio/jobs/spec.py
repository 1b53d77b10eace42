"""What a job is to do: frozen, typed, and written beside its results."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mww_studio.durable import write_durably
from mww_studio.errors import StudioError
from mww_studio.presets import Preset
from mww_studio.project.records import Clip, Split

_FILE = "spec.json"


class TrainSpec(BaseModel):
    """One training, from clips to the files for the device. Clip hashes make it repeatable."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["train"] = "train"
    project: Path
    wake_word: str
    language: str
    author: str
    preset: Preset
    seed: int
    clips: tuple[Clip, ...]
    splits: dict[int, Split]
    speakers_apart: bool
    profile: bool = False


def write_spec(spec: TrainSpec, folder: Path) -> None:
    """Write a job's spec into its folder."""
    write_durably(folder / _FILE, spec.model_dump_json(indent=1).encode())


def read_spec(folder: Path) -> TrainSpec:
    """The spec in a job's folder, which lies in ``runs`` of its project, wherever that was moved or copied to."""
    try:
        spec = TrainSpec.model_validate_json((folder / _FILE).read_bytes())
        return spec.model_copy(update={"project": folder.resolve().parents[1]})
    except (OSError, ValueError) as error:
        raise StudioError(
            "job.spec", f"The run in {folder} cannot be read.", why=f"{error}.", do="Start a new training instead."
        ) from None
