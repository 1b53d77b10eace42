"""Which sets a training used, kept with its run: they, and their licences, go wherever the model goes."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import TypeAdapter

from mww_studio.corpus.negatives import InstalledSet, used_sets
from mww_studio.durable import write_durably
from mww_studio.export.provenance import SoundSet
from mww_studio.presets import Preset

SETS_FILE = "sound-sets.json"
_SETS = TypeAdapter(tuple[SoundSet, ...])


def record_sets(folder: Path, preset: Preset, start: Path | None = None) -> None:
    """Keep in a run's folder which sets its training uses; those of an earlier part of the same training stay.

    ``start``: the checkpoint of another run that it goes on from; what that run learned from is in it. Raises OSError.
    """
    earlier = [folder, *(start.parents if start is not None else ())]
    known = {each.name: each for place in earlier for each in recorded_sets(place)}
    known.update({each.described.name: _sound_set(each) for each in used_sets(preset)})
    if known:
        write_durably(folder / SETS_FILE, _SETS.dump_json(tuple(known.values()), indent=1))


def recorded_sets(folder: Path) -> tuple[SoundSet, ...]:
    """The sets that the training of a run used; none where it was not written down."""
    try:
        return _SETS.validate_json((folder / SETS_FILE).read_bytes())
    except (OSError, ValueError):
        return ()


def licence_remarks(sets: Sequence[SoundSet]) -> Iterator[str]:
    """What a reader of a model's report must know of the sets behind it."""
    bound = [each for each in sets if each.non_commercial]
    free = [each for each in sets if not each.non_commercial]
    if bound:
        yield (
            f"This model was made with sound that may not be used commercially: {named(bound)}. You may not sell it,"
            " nor a product with it. Train without these sets if you want to."
        )
    if free:
        yield f"This model also used the sound sets {named(free)}."


def named(sets: Sequence[SoundSet]) -> str:
    """Sets with their licences, in one line."""
    return ", ".join(f"“{each.title}” ({each.licence})" for each in sets)


def _sound_set(each: InstalledSet) -> SoundSet:
    known = each.described
    return SoundSet(
        name=known.name,
        title=known.title,
        licence=known.licence,
        licence_url=known.licence_url,
        non_commercial=known.non_commercial,
        source="" if known.is_own else known.source or known.url,
        sha256=known.sha256,
        hours=round(each.hours or known.hours, 2),
    )
