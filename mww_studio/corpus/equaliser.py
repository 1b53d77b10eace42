"""A random seven-band equaliser as one filter: what a microphone, a wall or a head does to the colour of a sound.

The bands and their ranges are those of audiomentations' SevenBandParametricEQ, which runs seven filters one after the
other and takes six times as long.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# A low shelf, five peaks, a high shelf: centres in Hz, drawn evenly on the mel scale.
_LOWEST_HZ = np.array([42.0, 91.0, 196.0, 421.0, 909.0, 1957.0, 4216.0])
_HIGHEST_HZ = np.array([95.0, 204.0, 441.0, 948.0, 2045.0, 4404.0, 9486.0])
_LOWEST_Q = np.array([0.1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.1])
_HIGHEST_Q = np.array([0.999, 5.0, 5.0, 5.0, 5.0, 5.0, 0.999])
# A filter cannot lie above half the sampling rate.
_BELOW_NYQUIST = 0.9999
_MEL_HZ = 700.0


def random_equaliser(rng: np.random.Generator, most_db: float, rate_hz: int) -> Floats:
    """Second-order sections [7, 6] whose bands are up to ``most_db`` louder or quieter."""
    mels = rng.uniform(np.log1p(_LOWEST_HZ / _MEL_HZ), np.log1p(_HIGHEST_HZ / _MEL_HZ))
    centres = np.minimum(_MEL_HZ * np.expm1(mels), rate_hz / 2 * _BELOW_NYQUIST)
    return equaliser(centres, rng.uniform(-most_db, most_db, 7), rng.uniform(_LOWEST_Q, _HIGHEST_Q), rate_hz)


def equaliser(centres_hz: Floats, gains_db: Floats, qualities: Floats, rate_hz: int) -> Floats:
    """The sections of a low shelf, peaks, and a high shelf, each with its centre, gain and Q.

    Source: Robert Bristow-Johnson, Cookbook formulae for audio equalizer biquad filter coefficients.
    """
    gain = 10 ** (gains_db / 40)
    angle = 2 * np.pi * centres_hz / rate_hz
    cos, alpha = np.cos(angle), np.sin(angle) / 2 / qualities
    peaks = np.stack([1 + alpha * gain, -2 * cos, 1 - alpha * gain, 1 + alpha / gain, -2 * cos, 1 - alpha / gain], 1)
    shelves = [_shelf(gain[end], cos[end], alpha[end], low=low) for end, low in ((0, True), (-1, False))]
    sections = np.stack([shelves[0], *peaks[1:-1], shelves[1]])
    return np.asarray(sections / sections[:, 3:4])


def _shelf(gain: float, cos: float, alpha: float, *, low: bool) -> Floats:
    side = 1 if low else -1
    more, less, slope = gain + 1, (gain - 1) * side, 2 * np.sqrt(gain) * alpha
    return np.array(
        [
            gain * (more - less * cos + slope),
            gain * 2 * side * ((gain - 1) - side * more * cos),
            gain * (more - less * cos - slope),
            more + less * cos + slope,
            -2 * side * ((gain - 1) + side * more * cos),
            more + less * cos - slope,
        ]
    )
