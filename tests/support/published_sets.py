"""Real feature sets of made-up sound, packed as the published ones are, for a server on this computer."""

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
import yaml
from mmap_ninja.ragged import RaggedMmap

SIDES = ("training", "validation_ambient", "testing_ambient")


def features(frames: int, seed: int = 0, channels: int = 40) -> np.ndarray:
    return np.random.default_rng([frames, seed]).integers(0, 670, (frames, channels)).astype(np.uint16)


def make_set(folder: Path, sides: tuple[str, ...] = SIDES, items: int = 5, **options) -> None:
    """RaggedMmaps, two a side, below ``folder``."""
    for number, side in enumerate(sides):
        for part in ("near", "far"):
            (folder / side).mkdir(parents=True, exist_ok=True)
            seed = 10 * number + (part == "far")
            RaggedMmap.from_generator(
                folder / side / f"{part}_mmap",
                (features(30 + n, seed, **options) for n in range(items)),
                2,
                verbose=False,
            )


def zipped(folder: Path) -> bytes:
    """``folder`` as a zip file, with its own name as the first part of every name."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder.parent))
    return content.getvalue()


def describe(name: str, url: str, content: bytes, **more) -> dict[str, object]:
    """An entry of a catalogue."""
    return {
        "name": name,
        "title": f"The set {name}",
        "url": url,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "unpacked_bytes": 4 * len(content),
        "hours": 0.1,
        "licence": "CC BY 4.0",
        **more,
    }


def write_catalogue(data: Path, *entries: dict[str, object]) -> None:
    """Let ``entries`` be known beside the published sets."""
    folder = data / "negatives"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "negatives.yaml").write_text(yaml.safe_dump(list(entries)), encoding="utf-8")
