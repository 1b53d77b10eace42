"""The difference between two states of a file, line by line, with the secrets in it hidden."""

import difflib
from dataclasses import dataclass
from enum import StrEnum

from mww_studio.esphome.doctor.files import SourceText
from mww_studio.esphome.doctor.mending import FileChange
from mww_studio.esphome.doctor.secret_values import Veil

_AROUND = 2


class LineKind(StrEnum):
    """What became of a line."""

    KEPT = " "
    REMOVED = "-"
    ADDED = "+"
    GAP = "…"
    """Lines that are not shown, for they stay."""


@dataclass(frozen=True)
class DiffLine:
    """A line. ``number``: where it stands, before for a removed line and after for the others; 0 for a gap."""

    kind: LineKind
    number: int
    text: str


@dataclass(frozen=True)
class FileDiff:
    """The lines of one file that change, with some around them. ``new``: the file is not there yet."""

    shown: str
    new: bool
    lines: tuple[DiffLine, ...]

    def describe(self) -> str:
        """The same for a terminal."""
        return "\n".join([f"--- {self.shown}", *(f"{line.kind}{line.text and ' ' + line.text}" for line in self.lines)])


def difference(change: FileChange) -> FileDiff:
    """What changes in a file. No secret of it is in what is shown."""
    before, after = (data.decode("utf-8-sig") for data in (change.before or b"", change.after))
    texts = [SourceText(change.path, change.shown, b"", text) for text in (before, after)]
    veil = Veil(*texts)
    old, new = ([veil.hide(line) for line in text.splitlines()] for text in (before, after))
    real_old, real_new = before.splitlines(), after.splitlines()
    matcher = difflib.SequenceMatcher(None, real_old, real_new, autojunk=False)
    lines: list[DiffLine] = []
    for number, group in enumerate(matcher.get_grouped_opcodes(_AROUND)):
        if number:
            lines.append(DiffLine(LineKind.GAP, 0, ""))
        for kind, start, end, to_start, to_end in group:
            if kind == "equal":
                lines += [DiffLine(LineKind.KEPT, n + 1, new[n]) for n in range(to_start, to_end)]
            else:
                lines += [DiffLine(LineKind.REMOVED, n + 1, old[n]) for n in range(start, end)]
                lines += [DiffLine(LineKind.ADDED, n + 1, new[n]) for n in range(to_start, to_end)]
    return FileDiff(change.shown, change.before is None, tuple(lines))
