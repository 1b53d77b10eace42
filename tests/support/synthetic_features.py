"""Features that no sound was needed for."""

import numpy as np


def long_features(frames: int, seed: int) -> np.ndarray:
    """Half any integers that the frontend gives for sound, half spectra that drift: uint16 [frames, 40]."""
    rng = np.random.default_rng(seed)
    time = np.arange(frames // 2)[:, None]
    drift = 300 + 200 * np.sin(time / 31) * np.sin(time / 470) + 150 * np.sin(time / 57 + rng.uniform(0, 6, 40))
    random = rng.integers(0, 674, (frames - frames // 2, 40), np.uint16)
    return np.concatenate([random, np.clip(drift + rng.normal(0, 40, drift.shape), 0, 673).astype(np.uint16)])
