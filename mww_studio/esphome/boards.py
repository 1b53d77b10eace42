"""The boards that the program writes configurations for: one commented YAML file each in ``resources/boards``."""

from dataclasses import dataclass
from string import Template

from mww_studio.errors import StudioError
from mww_studio.resources import resource


class BoardTemplate(Template):
    """A board's YAML with holes such as ``@{name}``: ``${name}`` is ESPHome's own."""

    delimiter = "@"


@dataclass(frozen=True)
class Board:
    """A board: its name in commands, what it is, one sentence about it, and its configuration."""

    name: str
    title: str
    about: str
    template: BoardTemplate


def board_names() -> list[str]:
    """Every board there is."""
    return sorted(path.stem for path in resource("boards").glob("*.yaml"))


def load_board(name: str) -> Board:
    """The board called ``name``. Raises StudioError ``board.unknown``."""
    if name not in board_names():
        known = ", ".join(board_names())
        raise StudioError("board.unknown", f"There is no board called {name}.", do=f"Choose one of: {known}.")
    text = resource("boards", f"{name}.yaml").read_text("utf-8")
    title, about = (line.removeprefix("# ") for line in text.splitlines()[:2])
    return Board(name, title, about, BoardTemplate(text))
