"""What there is of published and own sets, for a list: what each is, how large, and under which licence."""

from dataclasses import dataclass

from mww_studio.corpus.download import free_bytes
from mww_studio.corpus.negatives import (
    FeatureSet,
    InstalledSet,
    catalogue,
    downloaded_bytes,
    installed_sets,
    sets_folder,
)


@dataclass(frozen=True)
class SetRow:
    """One set. ``came_bytes``: how much of its archive lies here, of a download that broke off."""

    known: FeatureSet
    installed: InstalledSet | None
    came_bytes: int
    disk_bytes: int

    @property
    def hours(self) -> float:
        """How long its features are."""
        return (self.installed.hours if self.installed else 0.0) or self.known.hours

    def summary(self) -> dict[str, object]:
        """For machines."""
        return {
            **self.known.model_dump(mode="json", exclude={"noises", "rooms"}),
            "installed": self.installed is not None,
            "installed_hours": round(self.installed.hours, 2) if self.installed else 0.0,
            "downloaded_bytes": self.came_bytes,
            "disk_bytes": self.disk_bytes,
        }


@dataclass(frozen=True)
class SetList:
    """All sets: the published ones in their order, then one's own. ``free_bytes``: on the disk where they lie."""

    rows: tuple[SetRow, ...]
    free_bytes: int

    def describe(self) -> str:
        """For people."""
        lines = []
        for row in self.rows:
            lines += [f"{row.known.name}: {row.known.title}", *(f"    {line}" for line in _lines(row))]
        return "\n".join([*lines, f"{gigabytes(self.free_bytes)} are free in {sets_folder()}."])


def list_sets() -> SetList:
    """All sets, published and own. Raises StudioError ``negatives.catalogue``."""
    there = {each.described.name: each for each in installed_sets()}
    known = catalogue()
    own = [each.described for name, each in there.items() if name not in {one.name for one in known}]
    rows = tuple(_row(each, there.get(each.name)) for each in [*known, *own])
    return SetList(rows, free_bytes(sets_folder()))


def gigabytes(count: int) -> str:
    """A size that a person can compare with a disk."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def _row(known: FeatureSet, there: InstalledSet | None) -> SetRow:
    folder = sets_folder() / known.name
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if there else 0
    return SetRow(known, there, downloaded_bytes(known), size)


def _lines(row: SetRow) -> list[str]:
    known = row.known
    lines = [known.what] if known.what else []
    if known.is_own:
        lines.append(f"Made of {known.source}: {row.hours:.1f} hours.")
    elif known.holds_features:
        lines.append(f"{known.hours:.0f} hours, {gigabytes(known.bytes)} to download, {_unpacked(known)}.")
    else:
        lines.append(f"{gigabytes(known.bytes)} to download.")
    bound = ": not for commercial use, nor are the models that are made with it" if known.non_commercial else ""
    lines.append(f"Licence: {known.licence}{bound}.")
    if row.installed is not None:
        lines.append(f"Installed, {gigabytes(row.disk_bytes)} on the disk.")
    elif row.came_bytes:
        lines.append(f"{gigabytes(row.came_bytes)} came already; getting it goes on from there.")
    return lines


def _unpacked(known: FeatureSet) -> str:
    return f"{gigabytes(known.unpacked_bytes)} unpacked"
