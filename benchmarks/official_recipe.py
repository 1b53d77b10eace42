"""The official trainer's recipe, from scratch, on this program's own MixedNet and exporter.

    python benchmarks/official_recipe.py PLAN.json FOLDER

PLAN.json is written by accuracy.py: the takes, the talk, the noise and the rooms of a training, a seed, and the steps.
Writes model.tflite and recipe.json into FOLDER.

What it does and its numbers are those of the trainer's basic notebook (kahrendt/microWakeWord): each take twice through
audiomentations, its last 2 seconds at ten offsets of one frame; batches of 128 drawn by the weights 2 (the word), 20
(talk: 10 for speech and 10 for a dinner party) and 5 (no speech); mistakes on negatives count 20 times; Adam at 0.001
for 10,000 steps; no SpecAugment; and of the weights, looked at every 500 steps, those with the highest mean recall
between 0 and 2 false accepts an hour on the validation side. Takes are cut where their speech ends, as those of the
voices are for which the notebook was written. The last layer sees 17 outputs, because the notebook's words last up to
1.5 seconds.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mww_studio.audio.files import Pcm, read_audio
from mww_studio.audio.trimming import find_speech
from mww_studio.constitution.articles import law
from mww_studio.corpus.features import Features, device_features, quantise

if TYPE_CHECKING:
    from audiomentations import Compose

    from mww_studio.training.mixednet import MixedNet

Floats = npt.NDArray[np.floating]

FRAMES = 204
FINAL_FRAMES = 17
BATCH = 128
WEIGHTS = {"words": 2.0, "talk": 20.0, "noise": 5.0}
NEGATIVE_WEIGHT = 20.0
LEARNING_RATE = 0.001
JUDGED_EVERY = 500
VARIANTS = 2
OFFSETS = 10
CLIP_S = 3.2
AFTER_S = (0.195, 0.205)
VALIDATION_SHARE = TEST_SHARE = 0.1
TALK_VALIDATION_SHARE = 0.2
APART_FRAMES = 10
VIABLE_PER_HOUR = 2.0
CUTOFFS = np.linspace(0.0, 1.0, 101)
REPRESENTATIVE_FRAMES = 6000


@dataclass(frozen=True)
class Plan:
    """What to learn from."""

    takes: list[str]
    talk: list[str]
    noise: list[str]
    rooms: list[str]
    seed: int
    steps: int


def main(plan_file: Path, folder: Path) -> None:
    import keras

    from mww_studio.durable import write_durably
    from mww_studio.export.convert import convert
    from mww_studio.presets import Model
    from mww_studio.training.mixednet import MixedNet

    plan = Plan(**json.loads(plan_file.read_text(encoding="utf-8")))
    keras.utils.set_random_seed(plan.seed)
    rng = np.random.default_rng(plan.seed)
    words, validation_words = word_features(plan, rng)
    talk, validation_talk = (
        [device_features(read_audio(Path(path))) for path in side] for side in parted_talk(plan.talk, rng)
    )
    noise = [device_features(read_audio(Path(path))) for path in plan.noise]
    model = MixedNet(Model(final_frames=FINAL_FRAMES))
    for norm in model.norms:
        norm.momentum = 0.99  # Keras' own, which the trainer leaves as it is
    shelves = [Shelf(list(words), WEIGHTS["words"]), Shelf(talk, WEIGHTS["talk"])]
    shelves += [Shelf(noise, WEIGHTS["noise"])] if noise else []
    best = trained(model, shelves, validation_words, validation_talk, plan, rng)
    typical = np.concatenate([shelves[kind].draw(rng) for kind in drawn_kinds(shelves, rng, BATCH)])
    folder.mkdir(parents=True, exist_ok=True)
    write_durably(folder / "model.tflite", convert(model.folded(), typical[:REPRESENTATIVE_FRAMES]))
    write_durably(folder / "recipe.json", json.dumps(best).encode())


def word_features(plan: Plan, rng: np.random.Generator) -> tuple[Features, Features]:
    """The takes that train and those that choose the weights: uint16 [n, FRAMES, channels]. A tenth is left alone."""
    augment = augmentation(plan)
    order = [plan.takes[at] for at in rng.permutation(len(plan.takes))]
    examine, leave = (max(round(share * len(order)), 1) for share in (VALIDATION_SHARE, TEST_SHARE))
    validation, train = order[:examine], order[examine + leave :]
    made = []
    for paths, variants in ((train, VARIANTS), (validation, 1)):
        clips = [word_clip(read_audio(Path(path)), rng) for path in paths for _ in range(variants)]
        made.append(np.stack([shown for clip in clips for shown in shifted(device_features(augmented(clip, augment)))]))
    return made[0], made[1]


def word_clip(pcm: Pcm, rng: np.random.Generator) -> Floats:
    """A take up to the end of its speech, with a little silence after it and zeros before it. float32 [samples]"""
    rate = law().frontend.sample_rate_hz
    segments = find_speech(pcm)
    wave = pcm[: segments[-1].end if segments else None].astype(np.float32) / 32768
    wave = np.pad(wave, (0, int(rng.uniform(*AFTER_S) * rate)))
    length = round(CLIP_S * rate)
    return np.pad(wave, (max(length - len(wave), 0), 0))[-length:]


def augmentation(plan: Plan) -> "Compose":
    import audiomentations as a

    steps = [
        a.SevenBandParametricEQ(p=0.1, min_gain_db=-6, max_gain_db=6),
        a.TanhDistortion(p=0.1, min_distortion=0.0001, max_distortion=0.10),
        a.PitchShift(p=0.1, min_semitones=-3, max_semitones=3),
        a.BandStopFilter(p=0.1),
        a.AddColorNoise(p=0.1, min_snr_db=10, max_snr_db=30),
    ]
    if plan.noise:
        steps.append(a.AddBackgroundNoise(p=0.75, sounds_path=plan.noise, min_snr_db=-5, max_snr_db=10))
    steps.append(a.GainTransition(p=1.0, min_gain_db=-12, max_gain_db=0))
    if plan.rooms:
        steps.append(a.ApplyImpulseResponse(p=0.5, ir_path=plan.rooms))
    return a.Compose(steps)


def augmented(clip: Floats, augment: "Compose") -> Pcm:
    wave = augment(clip, sample_rate=law().frontend.sample_rate_hz)
    wave = wave / max(float(np.abs(wave).max()), 1.0)
    return np.asarray(np.clip(np.rint(wave * 32767), -32768, 32767), np.int16)


def shifted(features: Features) -> list[Features]:
    """The end of a clip, and what it was up to nine frames before it."""
    ends = range(len(features) - OFFSETS + 1, len(features) + 1)
    return [features[end - FRAMES : end] for end in ends]


def parted_talk(paths: Sequence[str], rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """The talk that trains and the talk on which false accepts are counted to choose the weights."""
    order = [paths[at] for at in rng.permutation(len(paths))]
    examine = max(round(TALK_VALIDATION_SHARE * len(order)), 1)
    return order[examine:], order[:examine]


class Shelf:
    """Features of one kind, from which sequences are cut: the longer a recording, the more often."""

    def __init__(self, items: Sequence[Features], weight: float) -> None:
        self._items, self.weight = items, weight
        lengths = np.array([len(item) for item in items], np.float64)
        self._ends = np.cumsum(lengths / lengths.sum())

    def draw(self, rng: np.random.Generator) -> Features:
        """uint16 [FRAMES, channels]; silence before what is too short."""
        at = min(int(np.searchsorted(self._ends, rng.random(), side="right")), len(self._items) - 1)
        item = self._items[at]
        start = int(rng.integers(max(len(item) - FRAMES, 0) + 1))
        cut = item[start : start + FRAMES]
        return np.pad(cut, ((FRAMES - len(cut), 0), (0, 0)))


def drawn_kinds(shelves: Sequence[Shelf], rng: np.random.Generator, count: int) -> list[int]:
    weights = np.array([shelf.weight for shelf in shelves])
    return list(rng.choice(len(shelves), count, p=weights / weights.sum()))


def trained(
    model: "MixedNet",
    shelves: Sequence[Shelf],
    words: Features,
    talk: Sequence[Features],
    plan: Plan,
    rng: np.random.Generator,
) -> dict[str, float]:
    """Train to the end, leave the best weights in the model, and say which they were."""
    import keras
    import tensorflow as tf

    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    optimizer.build(model.trainable_variables)
    rule = law().quantisation

    @tf.function
    def step(inputs: tf.Tensor, truth: tf.Tensor) -> tf.Tensor:
        features = (tf.cast(inputs, tf.float32) - rule.offset) * rule.training_scale
        with tf.GradientTape() as tape:
            logits = model(features, training=True)[:, 0]
            wrong = tf.nn.sigmoid_cross_entropy_with_logits(truth, logits)
            loss = tf.reduce_mean(wrong * tf.where(truth > 0.5, 1.0, NEGATIVE_WEIGHT))
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        return loss

    best, kept = {"recall": -1.0, "step": 0.0}, model.get_weights()
    for number in range(1, plan.steps + 1):
        kinds = drawn_kinds(shelves, rng, BATCH)
        batch = quantise(np.stack([shelves[kind].draw(rng) for kind in kinds]))
        loss = step(tf.constant(batch), tf.constant(np.equal(kinds, 0), tf.float32))
        if number % JUDGED_EVERY == 0 or number == plan.steps:
            recall = judged(model, words, talk)
            print(f"step {number} loss {float(loss):.4f} mean viable recall {recall:.3f}", file=sys.stderr, flush=True)
            if recall > best["recall"]:
                best, kept = {"recall": recall, "step": float(number)}, model.get_weights()
    model.set_weights(kept)
    return best


def judged(model: "MixedNet", words: Features, talk: Sequence[Features]) -> float:
    """The mean recall of the present weights, on single sequences, not yet as a stream."""
    from mww_studio.training.validation import model_input, stream_logits

    heard = sigmoid(model.listen(model_input(quantise(words))).numpy()[:, 0])
    # The first outputs of a stream have seen less than a sequence.
    warm = FRAMES // law().input.stride
    every = APART_FRAMES // law().input.stride
    others = sigmoid(np.concatenate([logits[warm::every] for logits in stream_logits(model, talk)]))
    hours = sum(map(len, talk)) * law().frontend.step_ms / 3_600_000
    recalls = [float(np.mean(heard > cutoff)) for cutoff in CUTOFFS]
    rates = [float(np.sum(others > cutoff)) / hours for cutoff in CUTOFFS]
    return average_viable_recall(recalls, rates)


def average_viable_recall(recalls: Sequence[float], rates: Sequence[float]) -> float:
    """The mean recall between 0 and VIABLE_PER_HOUR false accepts an hour, of what cut-offs give, loosest first."""
    best: dict[float, float] = {}
    for rate, recall in zip(rates, recalls, strict=True):
        best.setdefault(rate, recall)
    known = sorted(best)
    places = [0.0, *(rate for rate in known if 0 < rate < VIABLE_PER_HOUR), VIABLE_PER_HOUR]
    heights = np.interp(places, known, [best[rate] for rate in known])
    return float(np.trapezoid(heights, places) / VIABLE_PER_HOUR)


def sigmoid(logits: Floats) -> Floats:
    return 1 / (1 + np.exp(-logits.astype(np.float64)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
