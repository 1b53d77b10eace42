"""Runs the shipped int8 model over whole recordings, bit-equal to the device and far faster than step by step.

Products of int8 are summed in float32 matrix products, which are exact while no sum can reach 2**24 (float64 takes
over where one could); sums become int8 again as :mod:`mww_studio.evaluation.requantise` proves. Recordings run side by
side in blocks of time; each series carries the frames that its state variable would hold into the next block.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided
from threadpoolctl import ThreadpoolController

from mww_studio.corpus.features import Features, quantise
from mww_studio.evaluation.detector import Probabilities
from mww_studio.evaluation.int8_graph import Convolution, Depthwise, Graph, Join, Series, Weights, Window, read_graph

Floats = npt.NDArray[np.floating[Any]]
Work = Callable[[], None]

# Steps that run at once: enough to hide Python, few enough for a core's own cache.
_BLOCK_STEPS = 1024
# Outputs that one row of a depthwise layer's Toeplitz matrix product gives.
_RUN = 16
_EXACT_FLOAT32 = 2**24


class ExactInt8:
    """A model of the MixedNet family; ``stride`` frames a step.

    ``proven``: whether every layer's outputs come from the fast float64 form; if not, that layer uses integers.
    """

    def __init__(self, content: bytes) -> None:
        """Read a .tflite file's content. Raises UnsupportedModelError."""
        self._graph = read_graph(content)
        self.stride = self._graph.source.frames
        layers = [layer for layer in self._graph.layers if not isinstance(layer, Join)]
        self.proven = all(layer.requantisation.proven for layer in layers)
        self._inputs = quantise(np.arange(1 << 16, dtype=np.uint16)).astype(np.float32) - self._graph.source.zero_point

    def run(self, recordings: Sequence[Features], block_steps: int = _BLOCK_STEPS) -> list[Probabilities]:
        """The probabilities (uint8 [frames // stride]) of recordings (uint16 [frames, channels]).

        Each begins with the state of a fresh device. The result does not depend on ``block_steps``.
        """
        outputs = [np.zeros(len(recording) // self.stride, np.uint8) for recording in recordings]
        batches = list(_batches([len(output) for output in outputs], block_steps))
        workers = min(len(batches), os.cpu_count() or 1)
        idle: list[_Block] = []

        def run(batch: list[int]) -> None:
            steps = min(-(-block_steps // len(batch)), len(outputs[batch[0]]))
            shape = len(batch), -(-steps // _RUN) * _RUN
            block: _Block | None = None
            with suppress(IndexError):  # most likely one of this shape is there, left by another batch
                block = idle.pop()
            if block is None or block.shape != shape:
                block = _Block(self._graph, *shape, _RUN)
            self._run_batch(block, [recordings[i] for i in batch], [outputs[i] for i in batch])
            idle.append(block)

        # Threads of ours beat threads inside products this small.
        with _pools().limit(limits=1, user_api="blas"):
            if workers <= 1:
                for batch in batches:
                    run(batch)
            else:
                with ThreadPoolExecutor(workers) as pool:
                    list(pool.map(run, batches))
        return outputs

    def stepper(self) -> Callable[[Features], int]:
        """A fresh device that is fed step by step: uint16 [stride, channels] in, the probability's byte out."""
        block = _Block(self._graph, 1, 1, 1)
        block.reset()

        def step(frames: Features) -> int:
            block.source[0] = self._inputs[frames]
            return int(block.run()[0, 0])

        return step

    def _run_batch(self, block: "_Block", recordings: Sequence[Features], outputs: Sequence[Probabilities]) -> None:
        block.reset()
        for start in range(0, len(outputs[0]), block.steps):
            for number, recording in enumerate(recordings):
                frames = recording[start * self.stride : (start + block.steps) * self.stride]
                block.source[number, : len(frames)] = self._inputs[frames]
            results = block.run()
            for number, output in enumerate(outputs):
                part = output[start : start + block.steps]
                part[...] = results[number, : len(part)]


@cache
def _pools() -> ThreadpoolController:
    return ThreadpoolController()


def _batches(steps: Sequence[int], block_steps: int) -> Iterator[list[int]]:
    """Recordings of similar length, the longest first, together about one block; none without a step."""
    batch: list[int] = []
    for number in sorted(range(len(steps)), key=lambda i: -steps[i]):
        if batch and (len(batch) + 1) * steps[batch[0]] > block_steps:
            yield batch
            batch = []
        if steps[number]:
            batch.append(number)
    if batch:
        yield batch


class _Block:
    """Buffers for ``steps`` steps of ``clips`` recordings, and the work that fills them in order.

    A series lies as float32 [channels, clips, history + steps]; the source as [clips, history + frames, channels].
    ``steps`` are made in runs of ``run``, of which they are a multiple.
    """

    def __init__(self, graph: Graph, clips: int, steps: int, run: int) -> None:
        self.shape = clips, steps
        self.steps = steps
        self._run_steps = run
        self._clips = clips
        self._graph = graph
        self._work: list[Work] = []
        widest = max(layer.output.channels for layer in graph.layers)
        self._scratch = np.empty((widest, clips, steps))
        history = len(graph.source.initial)
        self._input = np.zeros((clips, history + steps * graph.source.frames, graph.source.channels), np.float32)
        self.source = self._input[:, history:]
        self._buffers = {id(layer.output): self._buffer(layer.output) for layer in graph.layers}
        for layer in graph.layers:
            if isinstance(layer, Join):
                self._join(layer)
            elif isinstance(layer, Depthwise):
                self._depthwise(layer)
            elif layer.window.series is graph.source:
                self._first_convolution(layer)
            else:
                self._convolution(layer)
        self._carry(self._input.swapaxes(1, 2), history)
        for layer in graph.layers:
            self._carry(self._buffers[id(layer.output)], len(layer.output.initial))

    def reset(self) -> None:
        """Put every state variable back to what it holds in a fresh device."""
        self._input[:, : len(self._graph.source.initial)] = self._graph.source.initial
        for layer in self._graph.layers:
            initial = layer.output.initial
            self._buffers[id(layer.output)][:, :, : len(initial)] = initial.T[:, None]

    def run(self) -> Probabilities:
        """The probabilities [clips, steps] of what lies in ``source``; then the next block may be put there."""
        for work in self._work:
            work()
        last = self._graph.last
        quantised = self._buffers[id(last)][0, :, len(last.initial) :] + (last.zero_point + 128)
        return self._graph.table[quantised.astype(np.intp)]

    def _buffer(self, series: Series) -> Weights:
        return np.zeros((series.channels, self._clips, len(series.initial) + self.steps), np.float32)

    def _carry(self, buffer: Weights, history: int) -> None:
        """After a block, the newest frames (last axis) become the history."""

        def work() -> None:
            buffer[..., :history] = buffer[..., -history:].copy()

        if history:
            self._work.append(work)

    def _seen(self, window: Window) -> Weights:
        """The window's channels, from its first frame in the first step on: [channels, clips, ...]."""
        first = len(window.series.initial) + window.first_frame
        channels = slice(window.first_channel, window.first_channel + window.channels)
        return self._buffers[id(window.series)][channels, :, first:]

    def _join(self, layer: Join) -> None:
        output = self._buffers[id(layer.output)][:, :, len(layer.output.initial) :]
        parts = [self._seen(window)[:, :, : self.steps] for window in layer.windows]

        def work() -> None:
            np.concatenate(parts, out=output)

        self._work.append(work)

    def _depthwise(self, layer: Depthwise) -> None:
        """Runs of outputs at once: a run's inputs times a matrix that holds the kernel once a column, shifted."""
        channels, frames = layer.weights.shape
        run = self._run_steps
        reach, runs = run + frames - 1, self.steps // run
        matrix = np.zeros((channels, reach, run), _sum_type(layer))
        for column in range(run):
            matrix[:, column : column + frames, column] = layer.weights
        seen = self._seen(layer.window)
        by_channel, by_clip, by_step = seen.strides
        overlapping = as_strided(
            seen, (channels, self._clips, runs, reach), (by_channel, by_clip, run * by_step, by_step), writeable=False
        )
        inputs = np.empty(overlapping.shape, matrix.dtype)
        sums = np.empty((channels, self._clips, self.steps), matrix.dtype)
        flat_inputs, flat_sums = inputs.reshape(channels, -1, reach), sums.reshape(channels, -1, run)

        def work() -> None:
            np.copyto(inputs, overlapping)
            np.matmul(flat_inputs, matrix, out=flat_sums)

        self._work.append(work)
        self._requantise(layer, sums)

    def _first_convolution(self, layer: Convolution) -> None:
        outputs, frames, channels = layer.weights.shape
        weights = layer.weights.reshape(outputs, -1).astype(_sum_type(layer))
        seen = self._input[:, len(layer.window.series.initial) + layer.window.first_frame :]
        by_clip, by_frame, by_channel = seen.strides
        shape = (self._clips, self.steps, frames * channels)
        strides = (by_clip, by_frame * layer.window.series.frames, by_channel)
        overlapping = as_strided(seen, shape, strides, writeable=False)
        inputs = np.empty(shape, weights.dtype)
        flat_inputs = inputs.reshape(-1, frames * channels).T
        sums = np.empty((outputs, self._clips, self.steps), weights.dtype)
        flat_sums = sums.reshape(outputs, -1)

        def work() -> None:
            np.copyto(inputs, overlapping)
            np.matmul(weights, flat_inputs, out=flat_sums)

        self._work.append(work)
        self._requantise(layer, sums)

    def _convolution(self, layer: Convolution) -> None:
        """Every frame of the kernel over the whole series, then the results added, each shifted to its step."""
        outputs, frames, channels = layer.weights.shape
        weights = np.ascontiguousarray(layer.weights.swapaxes(0, 1), _sum_type(layer)).reshape(-1, channels)
        window = layer.window
        whole = self._buffers[id(window.series)][window.first_channel : window.first_channel + channels]
        products = np.empty((frames, outputs, *whole.shape[1:]), weights.dtype)
        flat_inputs, flat_products = whole.reshape(channels, -1), products.reshape(len(weights), -1)
        first = len(window.series.initial) + window.first_frame
        shifted = [products[f, :, :, first + f : first + f + self.steps] for f in range(frames)]
        sums = shifted[0]

        def work() -> None:
            np.matmul(weights, flat_inputs, out=flat_products)
            for more in shifted[1:]:
                np.add(sums, more, out=sums)

        self._work.append(work)
        self._requantise(layer, sums)

    def _requantise(self, layer: Convolution | Depthwise, sums: Floats) -> None:
        output = self._buffers[id(layer.output)][:, :, len(layer.output.initial) :]
        scratch = self._scratch[: len(sums)]
        requantisation = layer.requantisation

        def by_reals() -> None:
            requantisation.reals(sums, scratch)
            output[...] = scratch

        def by_integers() -> None:
            output[...] = requantisation.integers(sums.astype(np.int64))

        self._work.append(by_reals if requantisation.proven else by_integers)


def _sum_type(layer: Convolution | Depthwise) -> type[np.floating[Any]]:
    """The smallest type in which no sum of the layer, in any order, can be rounded."""
    zero_point = layer.window.series.zero_point
    largest = max(127 - zero_point, zero_point + 128) * np.abs(layer.weights).reshape(len(layer.weights), -1).sum(1)
    return np.float32 if largest.max() < _EXACT_FLOAT32 else np.float64
