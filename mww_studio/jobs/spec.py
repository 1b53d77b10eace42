"""What a job is to do: frozen, typed, and written beside its results."""

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from mww_studio.durable import write_durably
from mww_studio.errors import StudioError
from mww_studio.presets import Preset
from mww_studio.project.records import Clip, Split

_FILE = "spec.json"


class JobSpec(BaseModel):
    """What one job of the worker is to do. ``kind``: one of those that the registry knows."""

    model_config = ConfigDict(frozen=True)

    kind: str


Spec = TypeVar("Spec", bound=JobSpec)


class TrainSpec(JobSpec):
    """One training, from clips to the files for the device. Clip hashes make it repeatable."""

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
    start: str | None = None
    """A checkpoint, relative to the project: training starts from its best weights, in place of an official model's."""
    sound_seed: int | None = None
    """Decides what the takes are mixed with; trainings with several seeds share features by it. null: the seed."""


def write_spec(spec: JobSpec, folder: Path) -> None:
    """Write a job's spec into its folder."""
    write_durably(folder / _FILE, spec.model_dump_json(indent=1).encode())


def read_spec(folder: Path) -> TrainSpec:
    """The spec of a run, whose folder lies in ``runs`` of its project, wherever that was moved or copied to."""
    return read_spec_as(folder, TrainSpec).model_copy(update={"project": folder.resolve().parents[1]})


def read_spec_as(folder: Path, spec: type[Spec]) -> Spec:
    """The spec in a job's folder. Raises StudioError ``job.spec``."""
    try:
        # A setting that there is no more must not keep the results of an earlier training from being seen.
        return spec.model_validate_json((folder / _FILE).read_bytes(), extra="ignore")
    except (OSError, ValueError) as error:
        raise StudioError(
            "job.spec", f"The job in {folder} cannot be read.", why=f"{error}.", do="Start a new one instead."
        ) from None


def kind_of(folder: Path) -> str:
    """What kind of job lies in a folder. Raises StudioError ``job.spec``."""
    return read_spec_as(folder, JobSpec).kind
