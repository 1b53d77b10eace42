"""Vectors on disk, by the clip and by the embedder that made them, so that nobody computes one twice."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_HASH_BYTES = 32
_LENGTHS = (0.99, 1.01)  # between which a vector of unit length lies that was not damaged


class EmbeddingStore:
    """The vectors of one embedder in one file, to which every new one is appended.

    What a kill left half written at its end is dropped when it is opened again.
    """

    def __init__(self, folder: Path, version: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._version = folder, version
        self._known: dict[str, Floats] = {}
        for path in folder.glob(f"{version}-*.vectors"):
            self._read(path)

    def get(self, sha256: str) -> Floats | None:
        """The vector of a clip, float32 [dimensions]."""
        return self._known.get(sha256)

    def add(self, vectors: dict[str, Floats]) -> None:
        """Keep vectors, float32 [dimensions], under the hashes of their clips. Raises OSError."""
        if not vectors:
            return
        dimensions = len(next(iter(vectors.values())))
        with (self._folder / f"{self._version}-{dimensions}.vectors").open("ab") as file:
            file.write(b"".join(bytes.fromhex(key) + row.astype("<f4").tobytes() for key, row in vectors.items()))
        self._known.update(vectors)

    def _read(self, path: Path) -> None:
        name = path.stem.removeprefix(f"{self._version}-")
        if not name.isdecimal():
            return
        size = _HASH_BYTES + 4 * int(name)
        content = path.read_bytes()
        whole = len(content) // size * size
        if whole < len(content):
            with path.open("r+b") as file:
                file.truncate(whole)
        table = np.frombuffer(content[:whole], np.uint8).reshape(-1, size)
        rows = table[:, _HASH_BYTES:].copy().view("<f4").astype(np.float32)
        lengths = np.linalg.norm(np.nan_to_num(rows), axis=1)
        good = (lengths > _LENGTHS[0]) & (lengths < _LENGTHS[1])
        for hash_, row in zip(table[good, :_HASH_BYTES], rows[good], strict=True):
            self._known[hash_.tobytes().hex()] = row
