"""The files of a device for any models, whoever made them: each is judged before anything is written."""

from collections.abc import Sequence
from pathlib import Path

from mww_studio.constitution.verdicts import Outcome
from mww_studio.errors import StudioError
from mww_studio.esphome.boards import Board, board
from mww_studio.export.bundle import Bundle, write_bundle
from mww_studio.export.words import DeviceOrder, sentence
from mww_studio.jobs.verify import verify_file
from mww_studio.progress import Progress


def write_board_files(order: DeviceOrder, out: Path, *, generate: bool, progress: Progress) -> Bundle:
    """Put the models of ``order`` with the configuration for its board into the folder ``out``.

    Raises StudioError ``word.refused`` where a model breaks the law or does not load, and what writing a bundle raises.
    """
    board(order.board)  # an unknown board is told before anything takes time
    progress.phase("Checking the models", len(order.further))
    for number, manifest in enumerate(order.further, start=1):
        broken = [verdict for verdict in verify_file(manifest) if verdict.outcome is Outcome.FAIL]
        if broken:
            raise StudioError(
                "word.refused",
                f"{manifest.name} cannot be put on a device.",
                why="\n".join(map(sentence, broken)),
                do=f"See all of it: mww-studio verify {manifest}",
            )
        progress.step(number)
    progress.phase("Writing the files for the device")
    return write_bundle(out, [], order, generate=generate, progress=progress)


def describe_files(bundle: Bundle) -> str:
    """The files and what to bear in mind, for a person at a terminal."""
    lines = ["Ready for the device:", *(f"  {path}" for path in bundle.files)]
    lines += [f"Note: {remark}" for remark in bundle.remarks]
    name = bundle.configuration.name
    lines.append(f"Next: fill in your network in {bundle.secrets.name}, then in that folder: esphome run {name}")
    return "\n".join(lines)


def describe_boards(known: Sequence[Board]) -> str:
    """The boards with what they need and cannot do, for a person at a terminal."""
    lines = []
    for each in known:
        lines.append(f"{each.name}: {each.title}")
        lines.append(f"  {each.about}")
        lines += [f"  needs: {line}" for line in each.needs]
        lines += [f"  limit: {line}" for line in each.limits]
        lines += [f"  from:  {each.source}", ""]
    return "\n".join(lines).rstrip()
