"""A program that tells voices apart with SpeechBrain's ECAPA-TDNN: ``python embedding_program.py FOLDER``.

It runs in an environment of its own, with the packages speechbrain and torch, and needs nothing of this package. The
model is fetched into FOLDER when it is used for the first time. Each line of its input is a request in JSON, each line
of its output the answer: ``{"hello": true}`` says which versions these are, ``{"pcm": "..."}`` (base64 of int16, 16 kHz
mono) becomes ``{"vector": [...]}``, and what went wrong is ``{"error": "..."}``.
"""

import base64
import json
import sys
from importlib import import_module, metadata
from typing import Any

_MODEL = "speechbrain/spkrec-ecapa-voxceleb"


def main(folder: str) -> None:
    """Answer requests until the input ends."""
    output = sys.stdout
    sys.stdout = sys.stderr  # whatever a library prints must not look like an answer
    encoder: Any = None
    for line in sys.stdin.buffer:
        try:
            request = json.loads(line)
            encoder = encoder or _encoder(folder)
            reply = _versions() if "hello" in request else {"vector": _vector(encoder, request["pcm"])}
        except Exception as error:  # noqa: BLE001  (the parent process tells the person)
            reply = {"error": f"{type(error).__name__}: {error}"}
        output.write(json.dumps(reply) + "\n")
        output.flush()


def _encoder(folder: str) -> Any:
    torch = import_module("torch")
    torch.set_num_threads(1)
    try:
        classifiers = import_module("speechbrain.inference.speaker")
    except ImportError:
        classifiers = import_module("speechbrain.pretrained")  # before SpeechBrain 1.0
    return classifiers.EncoderClassifier.from_hparams(source=_MODEL, savedir=folder, run_opts={"device": "cpu"})


def _versions() -> dict[str, str]:
    return {"version": f"speechbrain-{metadata.version('speechbrain')}"}


def _vector(encoder: Any, pcm: str) -> list[float]:
    torch = import_module("torch")
    samples = torch.frombuffer(bytearray(base64.b64decode(pcm)), dtype=torch.int16)
    with torch.no_grad():
        vector = encoder.encode_batch((samples.float() / 32768.0).unsqueeze(0))
    return [float(value) for value in vector.reshape(-1)]


if __name__ == "__main__":
    main(sys.argv[1])
