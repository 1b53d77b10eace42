"""How fast a shipped model scores sound: the exact executor, tflite-micro and LiteRT, on the same features.

Prints a table and writes JSON:  python benchmarks/scoring.py [--model FILE.tflite] [--minutes 30] [--json FILE]
Times are CPU seconds of this process, which other work on the computer disturbs least.
"""

import argparse
import importlib.util
import json
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pymicro_wakeword

from mww_studio.constitution.articles import law
from mww_studio.corpus.features import device_features
from mww_studio.evaluation.detector import Streams, cutoff_bytes
from mww_studio.evaluation.runtime import ExactRuntime, LiteRt, Runtime, TfliteMicro

OFFICIAL = Path(pymicro_wakeword.__file__).parent / "models" / "okay_nabu.tflite"
SLOW_MINUTES = 1.0
CLIP_FRAMES = 450
ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=OFFICIAL)
    parser.add_argument("--minutes", type=float, default=30.0, help="of ambience for the exact executor")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    options = parser.parse_args()
    content = options.model.read_bytes()
    loaded, load_s = timed(lambda: ExactRuntime(content, "exact int8"))
    features = synthetic_features(options.minutes)
    short = features[: round(SLOW_MINUTES * 6000)]
    clips = [features[start : start + CLIP_FRAMES] for start in range(0, len(features) - CLIP_FRAMES, CLIP_FRAMES)]
    rows = [row("exact int8, one recording", loaded, [features]), row("exact int8, 4.5-s clips", loaded, clips)]
    if importlib.util.find_spec("tflite_micro"):
        rows.append(row("tflite-micro", TfliteMicro(content), [short], loaded))
    rows.append(row("LiteRT reference kernels", LiteRt(content), [short], loaded))
    pcm = np.random.default_rng(1).integers(-2000, 2000, 60 * law().frontend.sample_rate_hz).astype(np.int16)
    _features, frontend_s = timed(lambda: device_features(pcm))
    outputs = loaded.run([np.tile(features, (max(1, round(600 / options.minutes)), 1))])
    _curve, curve_s = timed(lambda: curve(outputs, loaded.stride))
    hours = len(outputs[0]) * loaded.stride / 360_000
    print(f"{options.model.name} on {platform.processor() or platform.machine()}; loaded and proven in {load_s:.2f} s")
    print(f"{'':28}{'us/inference':>14}{'x real time':>14}{'differences':>14}")
    for one in rows:
        figures = (f"{one['us_per_inference']:.2f}", f"{one['times_real_time']:,.0f}", str(one["differences"]))
        print(f"{one['name']:28}" + "".join(f"{figure:>14}" for figure in figures))
    print(f"{'frontend (sound to features)':28}{'':>14}{60 / frontend_s:>14,.0f}")
    print(f"all 254 cut-offs over {hours:.1f} h: {curve_s:.2f} s")
    if options.json:
        result = {"model": options.model.name, "rows": rows, "frontend_times_real_time": 60 / frontend_s}
        result |= {"load_s": load_s, "curve_s": curve_s, "curve_hours": hours}
        options.json.write_text(json.dumps(result, indent=2), encoding="utf-8")


def row(name: str, runtime: Runtime, recordings: Sequence[Any], exact: Runtime | None = None) -> dict[str, Any]:
    """The fastest of a few rounds; differences against the exact executor, where that is not the one measured."""
    rounds = [timed(lambda: runtime.run(recordings)) for _ in range(ROUNDS)]
    outputs, best_s = rounds[0][0], min(seconds for _outputs, seconds in rounds)
    inferences = sum(len(output) for output in outputs)
    seconds_of_sound = sum(len(recording) for recording in recordings) * law().frontend.step_ms / 1000
    different = sum(int(np.sum(a != b)) for a, b in zip(outputs, (exact or runtime).run(recordings), strict=True))
    return {
        "name": name,
        "us_per_inference": best_s / inferences * 1e6,
        "times_real_time": seconds_of_sound / best_s,
        "differences": different if exact else None,
    }


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """The result, and the CPU seconds that it took."""
    start = time.process_time()
    return work(), time.process_time() - start


def curve(outputs: Sequence[Any], stride: int) -> list[int]:
    """False accepts at every cut-off."""
    streams = Streams(outputs, 5, stride)
    return [len(streams.detections(byte).slice) for byte in cutoff_bytes()]


def synthetic_features(minutes: float) -> Any:
    """Frontend integers that rise and fall as those of speech do: uint16 [frames, channels]."""
    rng = np.random.default_rng(0)
    frames = np.arange(round(minutes * 6000))[:, None]
    loudness = 300 + 200 * np.sin(frames / 31) * np.sin(frames / 470)
    tilt = 120 * np.sin(frames / 57 + np.linspace(0, 6, law().frontend.channels))
    noise = rng.normal(0, 40, (len(frames), law().frontend.channels))
    return np.clip(loudness + tilt + noise, 0, 670).astype(np.uint16)


if __name__ == "__main__":
    main()
