"""Steps of training as one graph, several at a time: on the processor, on a graphics card, or shared out among several.

Each step looks at the loss beside the present weights, where it is worst (sharpness-aware minimization, Foret et al.
2021): weights whose neighbourhood is good too serve voices better that they never heard.

Where several cards share the work, each has a part of every batch, with a part of its words and a part of its
negatives; the slopes are the mean of all, so that weights stay equal everywhere. Batch normalisation sees the part.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from mww_studio.constitution.articles import law
from mww_studio.presets import Phase, Training
from mww_studio.training.devices import Device
from mww_studio.training.loss import detection_loss
from mww_studio.training.mixednet import MixedNet

Compiled = Callable[..., tf.Tensor]


@dataclass(frozen=True)
class Drawn:
    """What ``count`` steps learn from, the step first in each shape.

    ``inputs``: int8 [count, positives + negatives, frames, channels], an array of the device's kind; ``end_frames``:
    float [count, positives]; ``hard``: bool [count, negatives]; ``rates`` and ``decays``: float [count], the learning
    rate and how much of the mean of the weights stays.
    """

    inputs: Any
    end_frames: npt.NDArray[np.float32]
    hard: npt.NDArray[np.bool_]
    rates: npt.NDArray[np.float32]
    decays: npt.NDArray[np.float32]

    def part(self, number: int, parts: int) -> tuple[Any, npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
        """Every ``parts``-th word and every ``parts``-th negative, from ``number`` on."""
        if parts == 1:
            return self.inputs, self.end_frames, self.hard
        words, others = self.end_frames.shape[1], self.hard.shape[1]
        rows = [*range(number, words, parts), *range(words + number, words + others, parts)]
        return self.inputs[:, rows], self.end_frames[:, number::parts], self.hard[:, number::parts]


class Steps:
    """Takes the steps of one training. ``average``: the mean of the model's variables, in their order."""

    def __init__(self, model: MixedNet, settings: Training, times: tf.Tensor, device: Device) -> None:
        self._model, self._settings, self._times, self._device = model, settings, times, device
        self._replicas = device.strategy.num_replicas_in_sync
        with device.strategy.scope():
            # It adds up what it is given on every card, and shortens before it does.
            self.optimizer = keras.optimizers.Adam(
                settings.phases[0].learning_rate, beta_2=0.99, global_clipnorm=settings.clip_norm / self._replicas
            )
            self.optimizer.build(model.trainable_variables)
            self.average = [tf.Variable(variable.numpy()) for variable in model.variables]
        # Making a graph takes seconds; phases that weigh mistakes alike share one.
        self._compiled = {_weights(phase): self._compile(phase) for phase in settings.phases}

    def take(self, phase: Phase, drawn: Drawn) -> npt.NDArray[np.float32]:
        """Learn from what was drawn; the loss of each step, before it."""
        parts = [
            [self._device.tensor(array) for array in drawn.part(number, self._replicas)]
            for number in range(self._replicas)
        ]
        shared = [self._each(values) for values in zip(*parts, strict=True)]
        losses = self._compiled[_weights(phase)](*shared, tf.constant(drawn.rates), tf.constant(drawn.decays))
        return np.asarray(losses.numpy(), np.float32)

    def _each(self, values: Sequence[tf.Tensor]) -> Any:
        """One value for every card."""
        if len(values) == 1:
            return values[0]
        return self._device.strategy.experimental_distribute_values_from_function(
            lambda context: values[context.replica_id_in_sync_group]
        )

    def _compile(self, phase: Phase) -> Compiled:
        settings, strategy = self._settings, self._device.strategy
        variables = self._model.trainable_variables

        def slopes_of(step: tf.Tensor, inputs: tf.Tensor, end_frames: tf.Tensor, hard: tf.Tensor) -> list[tf.Tensor]:
            rule = law().quantisation
            features = (tf.cast(inputs[step], tf.float32) - rule.offset) * rule.training_scale
            with tf.GradientTape() as tape:
                logits = self._model(features, training=True)
                losses = detection_loss(
                    logits, end_frames[step], self._times, hard[step], phase, settings.label_smoothing
                )
            return [losses.total, *tape.gradient(losses.total, variables)]

        def everywhere(*batch: Any) -> tuple[tf.Tensor, list[tf.Tensor]]:
            """The loss and its slopes, the mean of all cards."""
            found = strategy.run(slopes_of, batch)
            loss, *slopes = (strategy.reduce(tf.distribute.ReduceOp.MEAN, each, axis=None) for each in found)
            return loss, slopes

        def move(*slopes: tf.Tensor) -> None:
            self.optimizer.apply([slope / self._replicas for slope in slopes], variables)

        def take(step: tf.Tensor, batch: Sequence[Any], rate: tf.Tensor, decay: tf.Tensor) -> tf.Tensor:
            loss, slopes = everywhere(step, *batch)
            if settings.sharpness_radius:
                with _moved(variables, _uphill(slopes, settings.sharpness_radius)):
                    _, slopes = everywhere(step, *batch)
            self.optimizer.learning_rate.assign(rate)
            strategy.run(move, slopes)
            for average, present in zip(self.average, self._model.variables, strict=True):
                average.assign(decay * average + (1 - decay) * present)
            return loss

        # Not a loop that is written as one in Python: a frozen program has no source to make a graph's loop of.
        @tf.function(autograph=False)  # type: ignore[untyped-decorator]
        def together(inputs: Any, end_frames: Any, hard: Any, rates: tf.Tensor, decays: tf.Tensor) -> tf.Tensor:
            count = tf.shape(rates)[0]

            def body(step: tf.Tensor, losses: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
                loss = take(step, (inputs, end_frames, hard), rates[step], decays[step])
                return step + 1, losses.write(step, loss)

            start = (tf.constant(0), tf.TensorArray(tf.float32, count))
            # One after the other: each step begins with the weights that the one before left.
            _, losses = tf.while_loop(lambda step, _: step < count, body, start, parallel_iterations=1)
            return losses.stack()

        compiled: Compiled = together
        return compiled


def assign(variables: Sequence[Any], values: Sequence[Any]) -> None:
    """Give each variable its value."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _weights(phase: Phase) -> tuple[float, float, float]:
    return phase.positive_weight, phase.negative_weight, phase.hard_negative_weight


def _uphill(slopes: Sequence[tf.Tensor], radius: float) -> list[tf.Tensor]:
    """The move of length ``radius`` along which the loss grows the fastest."""
    length = tf.linalg.global_norm(slopes)
    return [tf.math.divide_no_nan(radius, length) * slope for slope in slopes]


@contextmanager
def _moved(variables: Sequence[Any], moves: Sequence[tf.Tensor]) -> Iterator[None]:
    """Within, the variables are moved; after it they are where they were."""
    before = [tf.identity(variable) for variable in variables]
    for variable, move in zip(variables, moves, strict=True):
        variable.assign_add(move)
    yield
    assign(variables, before)
