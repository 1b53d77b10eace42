"""What lies beside the manifest of a word that is added to a device: what was measured for its model, its licence.

Whoever wrote the manifest wrote these files too, so only plain and small ones are read, and nothing in them is trusted.
"""

import hashlib
import os
import stat
from pathlib import Path

from mww_studio.constitution.manifest import Manifest
from mww_studio.esphome.config import Sensitivity
from mww_studio.export.provenance import PROVENANCE, Provenance

_LICENCES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "LICENCE.txt", "LICENCE.md")
_MAX_LICENCE_BYTES = 100_000
_MAX_PROVENANCE_BYTES = 2_000_000  # thousands of voices, each with a line of its own


def licence_name(stem: str) -> str:
    """What the licence of the model whose files are called ``stem`` is called on a device's folder."""
    return f"LICENSE-{stem}.txt"


def licence_beside(manifest: Path) -> bytes | None:
    """The licence text beside ``manifest``, as it is: that of its own name before one that is for the whole folder."""
    for name in (licence_name(manifest.stem), *_LICENCES):
        text = _small_file(manifest.with_name(name), _MAX_LICENCE_BYTES)
        if text:
            return text
    return None


def sensitivities_beside(path: Path, manifest: Manifest, model: bytes) -> tuple[Sensitivity, ...]:
    """What this program measured for ``model`` when it made it; empty where nothing that fits lies beside ``path``.

    ``manifest``: what ``path`` says. It may have been edited since: another cut-off or window was not measured.
    """
    text = _small_file(path.with_name(PROVENANCE), _MAX_PROVENANCE_BYTES)
    if text is None:
        return ()
    try:
        told = Provenance.model_validate_json(text)
    except ValueError:
        return ()
    measured = told.measured
    if measured is None or told.model_sha256 != hashlib.sha256(model).hexdigest() or not measured.fits(manifest):
        return ()
    return measured.points


def _small_file(path: Path, most_bytes: int) -> bytes | None:
    """The content of a regular file of at most ``most_bytes``; None for a link, a device, and all else."""

    def only_itself(name: str, flags: int) -> int:
        # Not every system has these two; there the look before the opening has to do.
        return os.open(name, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))

    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        with open(path, "rb", opener=only_itself) as file:
            content = file.read(most_bytes + 1)
    except OSError:
        return None
    return content if len(content) <= most_bytes else None
