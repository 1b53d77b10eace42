"""Where the program's own data files are, in a checkout, in an installed wheel and in a frozen program."""

from pathlib import Path

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
