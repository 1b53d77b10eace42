"""What the commands share: common arguments, and how results are told."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

ProjectFolder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the project.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write to.", show_default=False)]

AcceptLicence = Annotated[
    bool, typer.Option("--accept-licence", help="You accept that its licence forbids commercial use.")
]

Word = TypeVar("Word", bound=StrEnum)


def one_of(words: type[Word], text: str, option: str) -> Word:
    """The word that ``text`` is. Raises typer.BadParameter, which names the option, where it is none."""
    if text not in list(words):
        raise typer.BadParameter(f"“{text}” is not one of {', '.join(words)}.", param_hint=option)
    return words(text)


def show_removed(as_json: bool, what: str, name: str) -> None:
    """That something with a name was deleted, such as a “set” or a “voice”."""
    show_result(as_json, {"name": name, "removed": True}, f"The {what} “{name}” is deleted.")


def say(text: str) -> None:
    """A result, on standard output."""
    sys.stdout.write(text.rstrip("\n") + "\n")


def tell(text: str) -> None:
    """A line for the person, beside the result."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def show_result(as_json: bool, data: Any, text: str) -> None:
    """The result, as JSON for programs or as text for people."""
    say(json.dumps(data, indent=1, ensure_ascii=False) if as_json else text)
