"""SpeechBrain's ECAPA-TDNN as an embedder, in an environment of its own: it needs torch, which the program does not."""

import base64
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mww_studio.corpus.embeddings import Check, Embedder, LiteEmbedder, unit
from mww_studio.corpus.speech_process import SpeechProcess
from mww_studio.errors import StudioError
from mww_studio.resources import data_folder

Pcm = npt.NDArray[np.int16]
Floats = npt.NDArray[np.float32]

_START_TIMEOUT_S = 900.0  # the model is fetched at the first start
_ANSWER_TIMEOUT_S = 60.0
_UNSAFE = re.compile(r"[^A-Za-z0-9.]+")


def open_embedder(engine: str, python: str | None, check: Check) -> Embedder:
    """The embedder of a preset: ``lite``, or ``ecapa`` run by the interpreter ``python``; close it.

    Raises StudioError ``speakers.engine``, and whatever ``check`` raises.
    """
    return LiteEmbedder() if engine == "lite" else EcapaEmbedder(_interpreter(python), check)


def environment_folder() -> Path:
    """Where the environment of the ECAPA-TDNN is looked for if no interpreter is named."""
    return data_folder() / "ecapa"


class EcapaEmbedder:
    """The encoder of SpeechBrain, a program run by ``python``, which has speechbrain in its environment."""

    side_by_side = 1

    def __init__(self, python: Path, check: Check) -> None:
        model = environment_folder() / "model"
        command = [str(python), "-I", str(Path(__file__).with_name("embedding_program.py")), str(model)]
        try:
            self._program = SpeechProcess("ECAPA-TDNN", command)
        except StudioError as error:
            raise _trouble(error.why or error.what) from error
        try:
            said = self._ask({"hello": True}, check, _START_TIMEOUT_S).get("version")
            self._version = _UNSAFE.sub("-", str(said))
        except BaseException:
            self._program.close()
            raise

    @property
    def version(self) -> str:
        """Of SpeechBrain."""
        return f"ecapa-{self._version}"

    def embed(self, clips: Sequence[Pcm], check: Check) -> Floats:
        """See :class:`~mww_studio.corpus.embeddings.Embedder`."""
        return unit(np.stack([self._one(clip, check) for clip in clips])) if clips else np.zeros((0, 192), np.float32)

    def close(self) -> None:
        """End the program."""
        self._program.close()

    def _one(self, pcm: Pcm, check: Check) -> Floats:
        sound = base64.b64encode(pcm.astype("<i2").tobytes()).decode("ascii")
        vector = self._ask({"pcm": sound}, check, _ANSWER_TIMEOUT_S).get("vector")
        try:
            row = np.asarray(vector, np.float32)
        except (TypeError, ValueError):
            row = np.zeros(0, np.float32)
        if row.ndim != 1 or not len(row) or not np.isfinite(row).all() or not row.any():
            raise _trouble("It answered something that is not a voice.")
        return row

    def _ask(self, request: dict[str, object], check: Check, timeout_s: float) -> dict[str, object]:
        try:
            return self._program.ask(request, check, timeout_s=timeout_s)
        except StudioError as error:
            raise _trouble(error.why or error.what) from error


def _interpreter(python: str | None) -> Path:
    """The interpreter that is named, or that of the environment in its usual place. Raises ``speakers.engine``."""
    parts = ("Scripts", "python.exe") if sys.platform == "win32" else ("bin", "python")
    path = Path(os.path.expandvars(python)).expanduser() if python else environment_folder().joinpath(*parts)
    if not path.is_file():
        raise _trouble(f"There is no {path}.")
    return path


def _trouble(why: str) -> StudioError:
    folder = environment_folder()
    pip = folder / ("Scripts/pip" if sys.platform == "win32" else "bin/pip")
    return StudioError(
        "speakers.engine",
        "The ECAPA-TDNN of SpeechBrain cannot be used to tell voices apart.",
        why=why,
        do=f"Make an environment for it: {sys.executable} -m venv {folder} && {pip} install speechbrain torch; "
        "its model is fetched at the first use. Or use the one that comes with the program: lite.",
    )
