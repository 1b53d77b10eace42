"""Where the program's own data files are, in a checkout, in an installed wheel and in a frozen program."""

import os
from pathlib import Path

import platformdirs

_DATA_FOLDER_VARIABLE = "MWW_STUDIO_DATA"
_PACKAGE = Path(__file__).resolve().parent
_BUNDLED = _PACKAGE / "_resources"


def resource(*parts: str) -> Path:
    """The path of a file or folder below ``resources/``."""
    root = _BUNDLED if _BUNDLED.is_dir() else _PACKAGE.parent / "resources"
    return root.joinpath(*parts)


def constitution_file() -> Path:
    """The path of ARCHITECTURAL_CONSTITUTION.md."""
    root = _BUNDLED if _BUNDLED.is_dir() else _PACKAGE.parent
    return root / "ARCHITECTURAL_CONSTITUTION.md"


def data_folder() -> Path:
    """Where the program keeps what it downloads and builds, for all projects of this person; it need not exist.

    The environment variable ``MWW_STUDIO_DATA`` names another place.
    """
    chosen = os.environ.get(_DATA_FOLDER_VARIABLE)
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("mww-studio", appauthor=False))
