import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from tiny_training import CPU, MINING, SMALL, batches, training, validation

from mww_studio.errors import Cancelled, StudioError
from mww_studio.progress import Progress
from mww_studio.training.devices import set_seeds
from mww_studio.training.loop import Trainer, best_weights
from mww_studio.training.mixednet import MixedNet
from mww_studio.training.steps import _moved, _uphill
from mww_studio.training.validation import stream_logits, validate

# Cancelled in the second phase, between two checkpoints.
RESUMED = """
import sys
import numpy as np
import tensorflow as tf
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_loop import assert_equal_values, trainer, Stop
from mww_studio.errors import Cancelled, StudioError
from mww_studio.progress import Progress

tf.config.experimental.enable_op_determinism()
folders = [Path(sys.argv[2]) / name for name in ("straight", "halved")]
for folder in folders:
    folder.mkdir()
straight = trainer(folders[0], 8, 8)
straight.run(Progress())
try:
    trainer(folders[1], 8, 8).run(Stop(at=11))
except Cancelled:
    pass
second = trainer(folders[1], 8, 8)
assert second.restore()
assert second.state.step == 10, second.state.step
second.run(Progress())

assert second.state.history == straight.state.history
assert second.state.best_validation == straight.state.best_validation
assert second.state.best_step == straight.state.best_step
np.testing.assert_array_equal(second.state.mistakes.places, straight.state.mistakes.places)
np.testing.assert_array_equal(second.state.mistakes.weights, straight.state.mistakes.weights)
assert len(straight.state.mistakes.places)
for one, other in zip(second.state.best, straight.state.best, strict=True):
    np.testing.assert_array_equal(one, other)
assert_equal_values(second._steps.average, straight._steps.average)
assert_equal_values(second._steps.optimizer.variables, straight._steps.optimizer.variables)
"""


class Stop(Progress):
    """Cancels before step ``at``."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.done = 0
        self.logged: list[str] = []

    def step(self, done: int, **figures: float | str) -> None:
        assert np.isfinite(float(figures["loss"]))
        self.done = done

    def log(self, text: str) -> None:
        self.logged.append(text)

    def check_cancelled(self) -> None:
        if self.done >= self.at:
            raise Cancelled


def trainer(folder: Path, *steps: int, seed: int = 1) -> Trainer:
    set_seeds(seed)
    settings = training(*steps, evaluate_every=6, checkpoint_every=5)
    made = Trainer(MixedNet(SMALL), batches(seed), validation(), settings, MINING, CPU, folder)
    made.prepare()
    return made


def assert_equal_values(some: Sequence[Any], others: Sequence[Any]) -> None:
    for one, other in zip(some, others, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_a_small_model_learns_the_word(tmp_path: Path) -> None:
    set_seeds(3)
    model = MixedNet(SMALL)
    settings = training(120, 30, evaluate_every=50)
    learner = Trainer(model, batches(), validation(), settings, MINING, CPU, tmp_path)
    learner.prepare()
    before = validate(model, validation(), 0.5)
    progress = Stop(at=10_000)
    result = learner.run(progress)
    losses = [entry["loss"] for entry in learner.state.history]
    assert np.mean(losses[-20:]) < 0.5 * np.mean(losses[:5])
    assert result.recall > 0.7
    assert result.score > before.score + 0.2
    assert any(line.startswith("Mining found") for line in progress.logged)
    # What is left in the model are the best averaged weights.
    again = validate(model, validation(), 0.5)
    assert again.score == pytest.approx(result.score, abs=1e-4)


def test_training_begins_quiet(tmp_path: Path) -> None:
    learner = trainer(tmp_path, 5)
    logits = stream_logits(learner._model, [learner._batches.negatives.cut(0, 0, 3000)])[0]
    assert logits.mean() < -0.5
    assert_equal_values(learner._steps.average, learner._model.variables)


def test_a_resumed_training_is_the_same_training(tmp_path: Path) -> None:
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-c", RESUMED, str(Path(__file__).parent), str(tmp_path)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_a_cancel_before_the_first_checkpoint_leaves_nothing_to_restore(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        trainer(tmp_path, 8, 8).run(Stop(at=0))
    assert not trainer(tmp_path, 8, 8).restore()


def test_nothing_to_restore(tmp_path: Path) -> None:
    learner = trainer(tmp_path, 5)
    assert not learner.restore()
    assert learner.state.step == 0


def test_a_finished_training_restores_to_its_end(tmp_path: Path) -> None:
    learner = trainer(tmp_path, 6)
    result = learner.run(Progress())
    again = trainer(tmp_path, 6)
    assert again.restore()
    assert again.run(Progress()) == result
    for one, other in zip(again._model.get_weights(), learner._model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_training_starts_from_the_best_weights_of_another(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    first = trainer(tmp_path / "first", 4)
    first.run(Progress())
    second = trainer(tmp_path / "second", 3)
    second.start_from(best_weights(tmp_path / "first" / "checkpoint.npz", second._model))
    for one, other in zip(second._model.variables, first.state.best, strict=True):
        np.testing.assert_array_equal(one, other)
    assert second.state.step == 0
    second.run(Progress())
    assert second.state.step == 3


def test_weights_that_cannot_be_started_from_are_refused(tmp_path: Path) -> None:
    first = trainer(tmp_path, 2)
    first.run(Progress())
    checkpoint = tmp_path / "checkpoint.npz"
    wider = SMALL.model_copy(update={"first_conv_filters": 24})
    with pytest.raises(StudioError, match="does not fit"):
        best_weights(checkpoint, MixedNet(wider))
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    with pytest.raises(StudioError, match="cannot be read"):
        best_weights(checkpoint, first._model)


def test_a_crash_while_saving_leaves_the_checkpoint_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learner = trainer(tmp_path, 12)
    with pytest.raises(Cancelled):
        learner.run(Stop(at=5))

    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    learner.state.step = 7
    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr("mww_studio.durable.os.fsync", full)
        learner.save()
    again = trainer(tmp_path, 12)
    assert again.restore()
    assert again.state.step == 5
    assert [path.name for path in tmp_path.glob("checkpoint*")] == ["checkpoint.npz"]


def test_learning_rates_follow_the_phases(tmp_path: Path) -> None:
    learner = trainer(tmp_path, 4, 4)
    rates = [learner._learning_rate(step) for step in range(8)]
    expected = 1e-4 + (4e-3 - 1e-4) * 0.5 * (1 + np.cos(np.pi * np.arange(4) / 4))
    np.testing.assert_allclose(rates, [*expected, *expected], rtol=1e-5)
    learner.run(Progress())
    assert float(learner._steps.optimizer.learning_rate.numpy()) == pytest.approx(expected[3])


def test_steps_are_taken_together_until_something_is_due(tmp_path: Path) -> None:
    learner = trainer(tmp_path, 7, 9)  # a look every 6 steps, a checkpoint every 5, mining every 8
    taken = []
    while learner.state.step < learner.total_steps:
        taken.append(learner._together())
        learner.state.step += taken[-1]
    assert np.cumsum(taken).tolist() == [5, 6, 7, 8, 10, 12, 15, 16]
    learner.state.step, learner._most = 0, 3
    assert learner._together() == 3


def test_mining_finds_what_sounds_like_the_word(tmp_path: Path) -> None:
    set_seeds(1)
    model = MixedNet(SMALL)
    learner = Trainer(model, batches(), validation(), training(5), MINING, CPU, tmp_path)
    learner.prepare()
    logits = stream_logits(model, [learner._batches.negatives.cut(0, 0, learner._batches.negatives.frames)])[0]
    bias = model.dense.get_weights()[1]
    model.dense.set_weights([model.dense.get_weights()[0], bias - np.sort(logits)[-40] - 3])
    found = learner._mine()
    assert 0 < len(found.places) <= 40
    assert int(logits.argmax()) * 3 == found.places[0]
    assert np.all(logits[found.places // 3] >= np.sort(logits)[-40])
    # The surer it is of a mistake, the more often it is shown it.
    assert np.all(np.diff(found.weights) <= 0)
    assert found.weights[0] > found.weights[-1] > 0


def test_slopes_are_taken_where_the_loss_is_worst_nearby() -> None:
    weights = [tf.Variable([3.0, 0.0]), tf.Variable([4.0])]
    slopes = [tf.constant([0.6, 0.0]), tf.constant([0.8])]
    with _moved(weights, _uphill(slopes, 0.5)):
        np.testing.assert_allclose(weights[0].numpy(), [3.3, 0.0], rtol=1e-6)
        np.testing.assert_allclose(weights[1].numpy(), [4.4], rtol=1e-6)
    np.testing.assert_array_equal(weights[0].numpy(), [3.0, 0.0])
    np.testing.assert_array_equal(weights[1].numpy(), [4.0])


def test_where_there_is_no_slope_nothing_moves() -> None:
    np.testing.assert_array_equal(_uphill([tf.zeros(2)], 0.5)[0].numpy(), [0.0, 0.0])
