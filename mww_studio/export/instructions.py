"""The README beside a configuration: what the files are, how they get onto a device, and what the licences ask for."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from mww_studio import __version__
from mww_studio.esphome.boards import Board
from mww_studio.export.provenance import Provenance

_COMMERCIAL = (
    "It was made with sound that may not be used commercially: do not sell the model, nor a product with it.\n"
)
_COLUMN = 28


def instructions(
    purposes: Sequence[tuple[Path, str]],
    configuration: Path,
    wake_words: Sequence[str],
    board: Board,
    provenance: Provenance | None,
) -> str:
    """The text of README.txt. ``purposes``: each file beside it and what it is for.

    ``provenance``: of the first wake word; None where this program did not make it.
    """
    files = "\n".join(f"{file.name:<{_COLUMN - 1}} {purpose}" for file, purpose in purposes)
    words = " and ".join(f'"{word}"' for word in wake_words)
    key = f"{configuration.stem.replace('-', '_')}_api_key"
    pins = "" if board.package else "see whether the pins and the memory are those of your board, and "
    limits = "\n".join(f"  - {line}" for line in (*board.needs, *board.limits))
    text = f"""The wake {"word" if len(wake_words) == 1 else "words"} {words} for {board.title}, with ESPHome,
written by mww_studio {__version__}

{files}

What to know of the board
{limits}

To put it on a device
  1. Open secrets.yaml and fill in the name and the password of your network.
  2. Open {configuration.name}, {pins}read the comments.
  3. Connect the board by USB and run, in this folder:  esphome run {configuration.name}
     (or copy the files into the folder of ESPHome's dashboard and install from there)
  4. Home Assistant finds the device. It asks for the key that stands in secrets.yaml as {key}.
  5. Choose the wake word in the settings of the device in Home Assistant.

To add the word to a device that you have already, put the model and the manifest beside its configuration and add

  micro_wake_word:
    models:
      - model: {next(file.name for file, _ in purposes if file.suffix == ".json")}

The first model in that list is the one that is on from the start.
"""
    return text if provenance is None else text + "".join(_origin(provenance))


def _origin(provenance: Provenance) -> Iterator[str]:
    yield "\nWhat the model was made from\n"
    for licence, count in sorted(provenance.licences().items()):
        yield f"  {count:6} clips: {licence or 'licence not stated'}\n"
    for each in provenance.sound_sets:
        bound = ", not for commercial use" if each.non_commercial else ""
        yield f"  {each.hours:6.1f} hours of “{each.title}”: {each.licence}{bound}\n"
    start = provenance.warm_start
    yield f'  started from "{start.name}" of {start.source}: {start.licence}\n' if start else "  trained from scratch\n"
    if any(each.non_commercial for each in provenance.sound_sets):
        yield _COMMERCIAL
    yield "Before you publish a model, make sure that these licences allow it, and that everybody who spoke agrees.\n"
