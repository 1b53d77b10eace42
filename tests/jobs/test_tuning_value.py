import math

import numpy as np
import pytest
from pretended_pool import point

from mww_studio.evaluation.listening import Heard, HeardAmbience, HeardWord
from mww_studio.evaluation.scorecard import count_recall
from mww_studio.jobs.tuning_records import TrialSettings
from mww_studio.jobs.tuning_space import scaled, tuned_preset
from mww_studio.jobs.tuning_value import judged, on_test, on_validation, proven, widened
from mww_studio.presets import Preset, Tuning, load_preset, preset_names

SETTINGS = TrialSettings(
    learning_rate=1e-4, positive_weight=1, negative_weight=2, hard_negative_weight=3, augmentation_strength=1.5
)


def heard(loud: int, words: int = 12, mistakes: int = 0, ambience: int = 10) -> Heard:
    """Words that reach ``loud`` (0 to 255), and an hour of sound in which the model nearly wakes ``mistakes`` times."""
    word = np.zeros(120, np.uint8)
    word[80:95] = loud
    rng = np.random.default_rng(0)
    streams = [np.minimum(rng.gamma(1.0, 4.0, 4000), 90).astype(np.uint8) for _ in range(ambience)]
    for number in range(mistakes):
        streams[number % ambience][500 + 200 * number : 510 + 200 * number] = 250
    return Heard(
        "pretended",
        3,
        [HeardWord(f"w{n}", word, 2.0, 3.0, None) for n in range(words)],
        [HeardAmbience(f"a{n}", stream, f"s{n % 5}", 0.05) for n, stream in enumerate(streams)],
    )


def value(said: Heard, noisy: Heard | None = None) -> float:
    return judged(said, noisy, 0.3, (5,)).value


def test_who_hears_more_surely_is_worth_more() -> None:
    assert value(heard(255)) > value(heard(200)) > value(heard(0))


def test_mistakes_cost() -> None:
    assert value(heard(255)) > value(heard(255, mistakes=3)) > value(heard(255, mistakes=12))


def test_noise_counts_as_much_as_quiet() -> None:
    clean = heard(255)
    assert value(clean, heard(0, ambience=0)) < value(clean)
    assert judged(clean, heard(255, ambience=0), 0.3, (5,)).noisy == count_recall(12, 12)


def test_without_takes_nothing_is_worth_anything() -> None:
    assert value(heard(255, words=0)) <= 0


def test_the_interval_holds_for_the_best_of_many() -> None:
    one, many = widened(count_recall(20, 20), 1), widened(count_recall(20, 20), 40)
    assert one.low == pytest.approx(count_recall(20, 20).low)
    assert many.low < one.low
    assert on_validation(point(), models=9).recall.low < on_validation(point()).recall.low


def test_goals_are_sure_only_at_the_unlucky_end() -> None:
    sure = point(detected=200, clips=200, high=0.2)
    assert proven(sure, 0.3, 0.95, 20)
    assert not proven(sure, 0.1, 0.95, 20)
    assert not proven(point(detected=20, clips=20, high=0.2), 0.3, 0.95, 1)
    # What one model proves, the best of a thousand does not.
    edge = point(detected=80, clips=80, high=0.2)
    assert proven(edge, 0.3, 0.95, 1)
    assert not proven(edge, 0.3, 0.95, 1000)


def test_the_test_side_is_measured_at_the_cut_off_that_was_chosen() -> None:
    measured = on_test(heard(255, mistakes=2), point())
    assert measured.recall.detected == 12
    assert measured.false_accepts.false_accepts == 2
    assert measured.expected_high is None


@pytest.mark.parametrize("strength", [0.05, 0.6, 1.0, 1.5, 2.0])
@pytest.mark.parametrize("name", preset_names())
def test_every_preset_can_be_varied_and_stays_a_preset(name: str, strength: float) -> None:
    base = load_preset(name)
    settings = SETTINGS.model_copy(update={"augmentation_strength": strength})
    tuned = tuned_preset(base, settings, Tuning(steps=77))
    assert Preset.model_validate(tuned.model_dump()) == tuned
    (phase,) = tuned.training.phases
    assert (phase.steps, phase.learning_rate, phase.negative_weight) == (77, 1e-4, 2)
    assert phase.time_masks == base.training.phases[-1].time_masks
    assert tuned.training.target_false_accepts_per_hour == 0.3
    assert tuned_preset(tuned, settings, Tuning()).name == tuned.name == f"{name}, tuned"


def test_features_are_the_same_where_takes_are_varied_as_before() -> None:
    augmentation = load_preset("standard").augmentation
    assert scaled(augmentation, 1.0, 10) is augmentation
    more, less = scaled(augmentation, 1.5, 500), scaled(augmentation, 0.5, 500)
    assert more.background > augmentation.background > less.background
    assert more.background_snr_db[0] < augmentation.background_snr_db[0] < less.background_snr_db[0]
    assert more.positive_examples == 500
    assert math.isclose(more.pitch_semitones[1], 1.5 * augmentation.pitch_semitones[1])
