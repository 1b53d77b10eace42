"""Made-up sound and features for the benchmarks: what it says does not matter, how much of it there is does."""

import numpy as np
import numpy.typing as npt

from mww_studio.constitution.articles import law


def synthetic_features(minutes: float) -> npt.NDArray[np.uint16]:
    """Frontend integers that rise and fall as those of speech do: uint16 [frames, channels]."""
    rng = np.random.default_rng(0)
    frames = np.arange(round(minutes * 6000))[:, None]
    loudness = 300 + 200 * np.sin(frames / 31) * np.sin(frames / 470)
    tilt = 120 * np.sin(frames / 57 + np.linspace(0, 6, law().frontend.channels))
    noise = rng.normal(0, 40, (len(frames), law().frontend.channels))
    return np.clip(loudness + tilt + noise, 0, 670).astype(np.uint16)


def make_takes(count: int, seed: int = 0) -> list[npt.NDArray[np.int16]]:
    """Hummed words of two syllables in a quiet room, no two alike: int16 [26000] each."""
    rng, rate = np.random.default_rng(seed), law().frontend.sample_rate_hz
    seconds = np.arange(round(0.35 * rate)) / rate
    takes = []
    for _ in range(count):
        pcm = rng.normal(0, 4, 26_000)
        for start in (7000, 13_000):
            pitch = rng.uniform(90, 250)
            hum = sum(np.sin(2 * np.pi * pitch * n * seconds) / n**0.7 for n in range(1, 14))
            pcm[start : start + len(seconds)] += 4000 * np.sin(np.pi * seconds / 0.35) * hum
        takes.append(np.clip(pcm, -32768, 32767).astype(np.int16))
    return takes
