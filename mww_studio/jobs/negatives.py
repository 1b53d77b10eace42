"""Getting a published set: downloaded, checked, unpacked, looked through, and only then there."""

import shutil
from pathlib import Path
from typing import Literal

from mww_studio.corpus.download import PAUSES_S, cannot_keep, check_space, fetch
from mww_studio.corpus.negatives import (
    FeatureSet,
    InstalledSet,
    archive_of,
    downloaded_bytes,
    installed,
    published,
    sets_folder,
    sound_files,
    write_note,
)
from mww_studio.corpus.published_features import check_features, find_feature_folders
from mww_studio.corpus.unpacking import Limits, unpack
from mww_studio.errors import StudioError
from mww_studio.jobs.launch import run_job
from mww_studio.jobs.spec import JobSpec, read_spec_as
from mww_studio.progress import Progress
from mww_studio.project.records import Split

KIND = "negatives"
_SPARE_BYTES = 200_000_000
_ROOM = 2.0  # an archive may unpack to this much more than its publisher says


class NegativesSpec(JobSpec):
    """Get one published set."""

    kind: Literal["negatives"] = "negatives"
    name: str


def get_set(name: str, progress: Progress, *, licence_accepted: bool) -> Path:
    """Get a published set in a worker process; returns its folder. One that is there is not fetched again.

    What came before an error or a cancel is kept, and the next call goes on from it. Raises Cancelled and StudioError
    ``negatives.unknown``, ``negatives.licence`` (it forbids commercial use, and nobody accepted that), and those of
    :func:`install`.
    """
    known = published(name)
    if (there := installed(name)) is not None:
        return there
    if known.non_commercial and not licence_accepted:
        raise StudioError(
            "negatives.licence",
            f"“{known.title}” may not be used commercially ({known.licence}).",
            why="That holds for a model that is made with it, too: you may not sell it, nor a product with it.",
            do="If that is right for you, accept the licence: mww-studio negatives get "
            f"{name} --accept-licence. The text is at {known.licence_url or known.source}.",
        )
    make_in_worker(NegativesSpec(name=name), name, progress)
    return sets_folder() / name


def make_in_worker(spec: JobSpec, name: str, progress: Progress) -> None:
    """Let a worker make a set. Raises StudioError ``download.folder``, and what the worker reports; Cancelled."""
    work = sets_folder() / ".work" / name
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_keep(sets_folder() / name, error) from None
    run_job(work, spec, progress)
    shutil.rmtree(work, ignore_errors=True)


def do_job(folder: Path, progress: Progress) -> dict[str, str]:
    """Do the job in ``folder``, in the worker."""
    spec = read_spec_as(folder, NegativesSpec)
    return {"folder": str(install(published(spec.name), progress))}


def install(known: FeatureSet, progress: Progress, *, pauses_s: tuple[float, ...] = PAUSES_S) -> Path:
    """Fetch, check, unpack and look through a set; returns its folder.

    Raises Cancelled, StudioError ``download.*``, ``archive.*``, ``features.*``, ``negatives.empty``. An archive that
    turns out wrong is deleted, so that it is fetched anew.
    """
    folder, archive = sets_folder() / known.name, archive_of(known)
    needed = known.bytes - downloaded_bytes(known) + known.unpacked_bytes + _SPARE_BYTES
    check_space(folder.parent, needed, f"“{known.title}”")
    fetch(known.remote, archive, progress, pauses_s=pauses_s)
    shutil.rmtree(folder, ignore_errors=True)  # without its note it is what a crash left
    limits = Limits(bytes=round(known.unpacked_bytes * _ROOM)) if known.unpacked_bytes else Limits()

    def look_through(draft: Path) -> None:
        progress.phase(f"Looking through {known.name}")
        write_note(draft, _look_through(draft, known, progress))

    try:
        unpack(archive, folder, progress, limits=limits, wanted=known.noises + known.rooms, keep=look_through)
    except StudioError as error:
        if error.code.startswith(("archive.", "features.", "negatives.")):
            archive.unlink(missing_ok=True)
        raise
    archive.unlink(missing_ok=True)
    return folder


def _look_through(draft: Path, known: FeatureSet, progress: Progress) -> InstalledSet:
    if not known.holds_features:
        files = sound_files(draft, known.noises + known.rooms)
        if not files:
            raise _empty(known, "No sound file in it has an expected name.")
        return InstalledSet(described=known, files=len(files))
    folders = find_feature_folders(draft)
    if not folders:
        raise _empty(known, "There is no RaggedMmap in it, a folder with data.ninja and shapes_are_flat.ninja.")
    frames: dict[Split, int] = {}
    for each in folders:
        progress.check_cancelled()
        frames[each.side] = frames.get(each.side, 0) + check_features(each.path)
    return InstalledSet(described=known, frames=frames)


def _empty(known: FeatureSet, why: str) -> StudioError:
    return StudioError(
        "negatives.empty",
        f"What was downloaded as “{known.title}” holds nothing to use.",
        why=why,
        do="Try again another day, or look for a newer version of the program.",
    )
