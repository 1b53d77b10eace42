"""Which of the installed sets a project uses: all but those that somebody left out, in a file of the project."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from mww_studio.durable import write_durably
from mww_studio.errors import StudioError
from mww_studio.presets import Preset
from mww_studio.project.storage import storage_errors
from mww_studio.project.store import Project

FILE = "negatives.json"


class SetChoice(BaseModel):
    """What a project does not use, by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    leave_out: tuple[str, ...] = ()


def read_choice(folder: Path) -> SetChoice:
    """What the project in ``folder`` leaves out. Raises StudioError ``negatives.choice``."""
    path = folder / FILE
    try:
        return SetChoice.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return SetChoice()
    except (OSError, ValidationError) as error:
        raise StudioError(
            "negatives.choice",
            f"The choice of sets in {path} cannot be read.",
            why=f"{error}.",
            do=f"Restore {FILE} from a backup, or delete it: then every installed set is used.",
        ) from None


def write_choice(project: Project, choice: SetChoice) -> None:
    """Keep what the project leaves out. Raises StudioError as every change of a project does."""
    project.check_writable()
    with storage_errors(project.folder):
        write_durably(project.folder / FILE, choice.model_dump_json(indent=1).encode())


def changed(choice: SetChoice, *, use: Iterable[str] = (), leave_out: Iterable[str] = ()) -> SetChoice:
    """The choice with some sets used and others left out."""
    left = {*choice.leave_out, *leave_out} - set(use)
    return SetChoice(leave_out=tuple(sorted(left)))


def with_choice(preset: Preset, folder: Path) -> Preset:
    """The preset as the project in ``folder`` wants it. Raises StudioError ``negatives.choice``."""
    left = read_choice(folder).leave_out
    if not left:
        return preset
    section = preset.negatives
    both = tuple(sorted({*section.leave_out, *left}))
    return preset.model_copy(update={"negatives": section.model_copy(update={"leave_out": both})})
