"""Runs the shipped int8 model over whole recordings, bit-equal to the device and far faster than step by step.

Products of int8 are summed in float32 matrix products, which are exact while no sum can reach 2**24 (float64 takes
over where one could); sums become int8 again as :mod:`mww_studio.evaluation.requantise` proves. Recordings run side by
side in blocks of time; each series carries the frames that its state variable would hold into the next block.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided
from threadpoolctl import ThreadpoolController

from mww_studio.corpus.features import Features, quantise
from mww_studio.evaluation.detector import Probabilities
from mww_studio.evaluation.int8_graph import Convolution, Depthwise, Graph, Join, Series, Weights, Window, read_graph
from mww_studio.evaluation.requantise import Scratch

Floats = npt.NDArray[np.floating[Any]]
Work = Callable[[], None]

# Steps that run at once: enough to hide Python, few enough for the cache; no power of two, at which rows would meet in
# the same places of it.
_BLOCK_STEPS = 2016
# About as many outputs are given by one row of a depthwise layer's Toeplitz matrix product.
_RUN = 24
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
        # Buffers that were used last: new memory costs as much as filling it several times.
        self._idle: deque[_Block] = deque(maxlen=_workers() + 2)
        self._idle_lock = Lock()
        self._inputs = quantise(np.arange(1 << 16, dtype=np.uint16)).astype(np.float32) - self._graph.source.zero_point

    def run(self, recordings: Sequence[Features], block_steps: int = _BLOCK_STEPS) -> list[Probabilities]:
        """The probabilities (uint8 [frames // stride]) of recordings (uint16 [frames, channels]).

        Each begins with the state of a fresh device. The result does not depend on ``block_steps``.
        """
        outputs = [np.zeros(len(recording) // self.stride, np.uint8) for recording in recordings]
        batches = list(_batches([len(output) for output in outputs], block_steps))
        workers = min(len(batches), _workers())

        def run(batch: list[int]) -> None:
            block = self._block(len(batch), min(-(-block_steps // len(batch)), len(outputs[batch[0]])))
            self._run_batch(block, [recordings[i] for i in batch], [outputs[i] for i in batch])
            with self._idle_lock:
                self._idle.append(block)

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
        block = _Block(self._graph, 1, 1)
        block.reset()

        def step(frames: Features) -> int:
            block.source[0] = self._inputs[frames]
            return int(block.run()[0, 0])

        return step

    def _block(self, clips: int, steps: int) -> "_Block":
        with self._idle_lock:
            for block in self._idle:
                if block.shape == (clips, steps):
                    self._idle.remove(block)
                    return block
        return _Block(self._graph, clips, steps)

    def _run_batch(self, block: "_Block", recordings: Sequence[Features], outputs: Sequence[Probabilities]) -> None:
        block.reset()
        for start in range(0, len(outputs[0]), block.steps):
            for number, recording in enumerate(recordings):
                frames = recording[start * self.stride : (start + block.steps) * self.stride]
                np.take(self._inputs, frames, out=block.source[number, : len(frames)], mode="clip")
            results = block.run()
            for number, output in enumerate(outputs):
                part = output[start : start + block.steps]
                part[...] = results[number, : len(part)]


def _workers() -> int:
    return os.cpu_count() or 1


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
    ``steps``: a few more than asked for, so that they are so many runs of ``_run_steps``.
    """

    def __init__(self, graph: Graph, clips: int, steps: int) -> None:
        self.shape = clips, steps
        runs = max(1, round(steps / _RUN))
        self._run_steps = -(-steps // runs)
        self.steps = steps = runs * self._run_steps
        self._clips = clips
        self._graph = graph
        self._work: list[Work] = []
        widest = max(layer.output.channels for layer in graph.layers)
        self._scratch = Scratch((widest, clips, steps))
        source = graph.source
        # The source in rows of a step's frames.
        self._rows_before = -(-len(source.initial) // source.frames)
        self._input = np.zeros((clips, self._rows_before + steps, source.frames * source.channels), np.float32)
        frames = self._input.reshape(clips, -1, source.channels)
        self.source = frames[:, self._rows_before * source.frames :]
        self._source_history = frames[:, self._rows_before * source.frames - len(source.initial) :]
        self._buffers: dict[int, Weights] = {}
        for layer in graph.layers:
            if isinstance(layer, Join):
                self._parts_in_place(layer)
        for layer in graph.layers:
            self._buffers.setdefault(id(layer.output), self._buffer(layer.output))
        for layer in graph.layers:
            if isinstance(layer, Join):
                self._join(layer)
            elif isinstance(layer, Depthwise):
                self._depthwise(layer)
            elif layer.window.series is source:
                self._first_convolution(layer)
            else:
                self._convolution(layer)
        self._carry(self._input.swapaxes(1, 2), self._rows_before)
        for layer in graph.layers:
            self._carry(self._buffers[id(layer.output)], len(layer.output.initial))

    def reset(self) -> None:
        """Put every state variable back to what it holds in a fresh device."""
        initial = self._graph.source.initial
        self._source_history[:, : len(initial)] = initial
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

    def _parts_in_place(self, layer: Join) -> None:
        """Let the series that a join sees whole and as they are write into its buffer, as slices of its channels."""
        if len(layer.output.initial):
            return
        whole = self._buffers.setdefault(id(layer.output), self._buffer(layer.output))
        first = 0
        for window in layer.windows:
            series = window.series
            as_it_is = window.first_frame == 0 and window.channels == series.channels and not len(series.initial)
            if as_it_is and id(series) not in self._buffers and series is not self._graph.source:
                self._buffers[id(series)] = whole[first : first + window.channels]
            first += window.channels

    def _join(self, layer: Join) -> None:
        output = self._buffers[id(layer.output)][:, :, len(layer.output.initial) :]
        ends = np.cumsum([window.channels for window in layer.windows])[:-1]
        for part, window in zip(np.split(output, ends), layer.windows, strict=True):
            seen = self._seen(window)[:, :, : self.steps]
            if not np.shares_memory(part, seen):
                self._work.append(partial(np.copyto, part, seen))

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
        """As below, row by row of a step's frames instead of frame by frame."""
        outputs, frames, channels = layer.weights.shape
        a_row = self._graph.source.frames
        first_row, skipped = divmod(self._rows_before * a_row + layer.window.first_frame, a_row)
        rows = self._input.reshape(-1, a_row * channels)
        shifted = []
        products = []
        for row in range(-(-(skipped + frames) // a_row)):
            begin, end = max(row * a_row, skipped), min((row + 1) * a_row, skipped + frames)
            weights = layer.weights[:, begin - skipped : end - skipped].reshape(outputs, -1).astype(_sum_type(layer))
            inputs = rows[:, (begin - row * a_row) * channels : (end - row * a_row) * channels].T
            product = np.empty((outputs, *self._input.shape[:2]), weights.dtype)
            products.append((weights, inputs, product.reshape(outputs, -1)))
            shifted.append(product[:, :, first_row + row : first_row + row + self.steps])
        self._sum(layer, products, shifted)

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
        self._sum(layer, [(weights, flat_inputs, flat_products)], shifted)

    def _sum(
        self, layer: Convolution, products: Sequence[tuple[Floats, Floats, Floats]], shifted: Sequence[Floats]
    ) -> None:
        """Matrix products (weights, inputs, result), then the sum of what of the results belongs to the same step."""
        sums = shifted[0]

        def work() -> None:
            for weights, inputs, result in products:
                np.matmul(weights, inputs, out=result)
            for more in shifted[1:]:
                np.add(sums, more, out=sums)

        self._work.append(work)
        self._requantise(layer, sums)

    def _requantise(self, layer: Convolution | Depthwise, sums: Floats) -> None:
        output = self._buffers[id(layer.output)][:, :, len(layer.output.initial) :]
        requantisation = layer.requantisation

        def by_reals() -> None:
            requantisation.reals(sums, output, self._scratch)

        def by_integers() -> None:
            output[...] = requantisation.integers(sums.astype(np.int64))

        self._work.append(by_reals if requantisation.proven else by_integers)


def _sum_type(layer: Convolution | Depthwise) -> type[np.floating[Any]]:
    """The smallest type in which no sum of the layer, in any order, can be rounded."""
    return np.float32 if layer.requantisation.largest < _EXACT_FLOAT32 else np.float64
