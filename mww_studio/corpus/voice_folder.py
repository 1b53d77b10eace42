"""Where the voices that a person installed lie: for all projects of this person, outside of any of them."""

import shutil
from pathlib import Path

from mww_studio.resources import data_folder

_LICENCE = "LICENCE.txt"


def voices_folder(engine: str) -> Path:
    """The folder of the installed voices of one engine, each in a folder of its own; it need not exist."""
    return data_folder() / "voices" / engine


def installed_voices(engine: str) -> list[Path]:
    """The folders of the voices that are installed whole, by name."""
    folder = voices_folder(engine)
    try:
        return sorted(path for path in folder.iterdir() if (path / _LICENCE).is_file())
    except OSError:
        return []


def finish_voice(folder: Path, licence: str) -> None:
    """Mark a voice as installed whole, when all its files are there, and note its licence."""
    (folder / _LICENCE).write_text(licence + "\n", encoding="utf-8")


def licence_of(folder: Path) -> str:
    """The licence of an installed voice, in a few words."""
    return (folder / _LICENCE).read_text(encoding="utf-8").strip()


def remove_voice(folder: Path) -> None:
    """Delete an installed voice; one that is not whole is deleted, too."""
    (folder / _LICENCE).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
