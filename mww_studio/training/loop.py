"""The training loop: phases, weight averaging, mining, validation, and checkpoints from which it resumes exactly."""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mww_studio.constitution.articles import law
from mww_studio.corpus.features import quantise
from mww_studio.durable import write_durably
from mww_studio.errors import StudioError
from mww_studio.presets import HardNegativeMining, Phase, Training
from mww_studio.progress import Progress
from mww_studio.training.batches import Batches, Mistakes
from mww_studio.training.devices import Device
from mww_studio.training.loss import output_times
from mww_studio.training.mixednet import MixedNet
from mww_studio.training.spec_augment import spec_augment
from mww_studio.training.steps import Drawn, Steps, assign
from mww_studio.training.tensorboard import EventFiles
from mww_studio.training.validation import Validation, ValidationSet, model_input, stream_logits, validate

Weights = list[npt.NDArray[Any]]

_FINAL_BIAS = -2.0
_FINAL_SCALE = 0.3
_STATISTICS_SEQUENCES = 128
_MINING_BLOCK_FRAMES = 60_000
_FRAMES_AN_HOUR = 3_600_000 // law().frontend.step_ms
_WORTH_MINING = -3.0
_CHECKPOINT = "checkpoint.npz"
# By how much a score must have been better for the later weights to be given up.
_CLEARLY = 0.2
# How much sound is learned from at once, in frames: as much as a cancel can wait for.
_FRAMES_TOGETHER = 100_000
# Steps between two points of the curves that TensorBoard shows.
_WRITTEN_EVERY = 10


@dataclass
class State:
    """What changes while training, beside weights and their average: enough to go on as if it had never stopped."""

    step: int = 0
    best: Weights = field(default_factory=list)
    best_validation: Validation | None = None
    best_step: int = 0
    mistakes: Mistakes = field(default_factory=Mistakes.none)
    history: list[dict[str, float]] = field(default_factory=list)


class Trainer:
    """Trains one model."""

    def __init__(
        self,
        model: MixedNet,
        batches: Batches,
        validation: ValidationSet,
        settings: Training,
        mining: HardNegativeMining,
        device: Device,
        folder: Path,
    ) -> None:
        self._model, self._batches, self._validation = model, batches, validation
        self._settings, self._mining, self._device, self._folder = settings, mining, device, folder
        outputs = (batches.frames - model.architecture.receptive_frames) // law().input.stride + 1
        self._steps = Steps(model, settings, output_times(model.architecture, outputs), device)
        self._most = max(
            _FRAMES_TOGETHER // ((settings.batch_positives + settings.batch_negatives) * batches.frames), 1
        )
        self.total_steps = sum(phase.steps for phase in settings.phases)
        self.state = State()
        self._event_files = EventFiles(folder / "tensorboard")

    def prepare(self) -> None:
        """Set the final layer so that training begins with quiet outputs."""
        kernel, bias = self._model.dense.get_weights()
        self._model.dense.set_weights([kernel * _FINAL_SCALE, np.full_like(bias, _FINAL_BIAS)])
        assign(self._steps.average, _values(self._model.variables))

    def start_from(self, weights: Weights) -> None:
        """Begin from the weights of another training, in place of :meth:`prepare`."""
        assign(self._model.variables, weights)
        assign(self._steps.average, weights)

    def run(self, progress: Progress) -> Validation:
        """Train to the end, leave the best averaged weights in the model, and say how good they are."""
        settings = self._settings
        progress.phase("Training", self.total_steps)
        while self.state.step < self.total_steps:
            progress.check_cancelled()
            if self._mining.every and self.state.step and self.state.step % self._mining.every == 0:
                self.state.mistakes = self._mine()
                progress.log(f"Mining found {len(self.state.mistakes.places)} places that sound like the word.")
            for loss in self._learn(self._together()).tolist():
                self.state.step += 1
                figures: dict[str, float] = {"loss": loss}
                if self.state.step % settings.evaluate_every == 0 or self.state.step == self.total_steps:
                    result = self._evaluate()
                    figures |= {"recall": result.recall, "false_accepts_per_hour": result.false_accepts_per_hour}
                self.state.history.append({"step": float(self.state.step), **figures})
                progress.step(self.state.step, **figures)
                if self.state.step % _WRITTEN_EVERY == 0 or len(figures) > 1:
                    self._event_files.write(self.state.step, figures)
            if self.state.step % settings.checkpoint_every == 0:
                self.save()
        self.save()
        assign(self._model.variables, self.state.best)
        assert self.state.best_validation is not None  # noqa: S101 - the last step is always judged
        return self.state.best_validation

    def save(self) -> None:
        """Write the checkpoint; a crash leaves the one before."""
        self._event_files.flush()
        state = self.state
        groups = {
            "model": _values(self._model.variables),
            "optimizer": _values(self._steps.optimizer.variables),
            "average": _values(self._steps.average),
            "best": state.best,
        }
        arrays = {f"{name}/{number}": value for name, group in groups.items() for number, value in enumerate(group)}
        validation = asdict(state.best_validation) if state.best_validation else None
        rest = {"step": state.step, "best_step": state.best_step, "validation": validation, "history": state.history}
        buffer = io.BytesIO()
        arrays |= {"mined": state.mistakes.places, "mined_weights": state.mistakes.weights}
        np.savez(buffer, rest=np.array(json.dumps(rest)), allow_pickle=False, **arrays)
        write_durably(self._folder / _CHECKPOINT, buffer.getvalue())

    def restore(self) -> bool:
        """Go on from the checkpoint in the folder, if there is one."""
        path = self._folder / _CHECKPOINT
        if not path.is_file():
            return False
        with np.load(path, allow_pickle=False) as file:
            groups: dict[str, Weights] = {"model": [], "optimizer": [], "average": [], "best": []}
            for key in file.files:
                name, _, number = key.partition("/")
                if number:
                    groups[name].append(file[key])
            rest = json.loads(str(file["rest"]))
            mistakes = Mistakes(file["mined"], file["mined_weights"])
        assign(self._model.variables, groups["model"])
        assign(self._steps.optimizer.variables, groups["optimizer"])
        assign(self._steps.average, groups["average"])
        validation = Validation(**rest["validation"]) if rest["validation"] else None
        self.state = State(rest["step"], groups["best"], validation, rest["best_step"], mistakes, rest["history"])
        return True

    def _together(self) -> int:
        """How many steps can be taken at once: until something else is to be done, or a cancel may have come."""
        settings, step = self._settings, self.state.step
        phase_ends = np.cumsum([phase.steps for phase in settings.phases])
        to_phase_end = int(phase_ends[np.searchsorted(phase_ends, step, side="right")]) - step
        due = [every for every in (settings.evaluate_every, settings.checkpoint_every, self._mining.every) if every]
        return int(min(self._most, to_phase_end, *(every - step % every for every in due)))

    def _learn(self, count: int) -> npt.NDArray[np.float32]:
        """Take the next steps, all of one phase; their losses."""
        steps = range(self.state.step, self.state.step + count)
        phase, _ = self._phase(self.state.step)
        self._batches.mistakes = self.state.mistakes
        drawn = [self._batches.draw(step) for step in steps]
        arrays = self._device.arrays
        inputs = [
            # Another stream of random numbers than the batch's own.
            spec_augment(
                arrays, arrays.asarray(quantise(batch.inputs)), phase, self._batches.generator(self.total_steps + step)
            )
            for step, batch in zip(steps, drawn, strict=True)
        ]
        decays = [min(self._settings.weight_average_decay, (step + 1) / (step + 10)) for step in steps]
        return self._steps.take(
            phase,
            Drawn(
                arrays.stack(inputs),
                np.stack([batch.end_frames for batch in drawn]),
                np.stack([batch.hard for batch in drawn]),
                np.array([self._learning_rate(step) for step in steps], np.float32),
                np.array(decays, np.float32),
            ),
        )

    def _learning_rate(self, step: int) -> float:
        phase, progress_in_phase = self._phase(step)
        low = phase.final_learning_rate
        return low + (phase.learning_rate - low) * 0.5 * (1 + float(np.cos(np.pi * progress_in_phase)))

    def _phase(self, step: int) -> tuple[Phase, float]:
        """The phase of a step, and how far through it the step is."""
        for phase in self._settings.phases:
            if step < phase.steps:
                return phase, step / phase.steps
            step -= phase.steps
        return self._settings.phases[-1], 1.0

    def _evaluate(self) -> Validation:
        """Judge the averaged weights; keep them unless earlier ones were clearly better.

        Few takes judge roughly: a little better half-way is mostly luck, and the last weights have learned the most.
        """
        training = _values(self._model.variables)
        assign(self._model.variables, _values(self._steps.average))
        self._model.recompute_statistics(model_input(quantise(self._typical_sequences())))
        result = validate(self._model, self._validation, self._settings.target_false_accepts_per_hour)
        best = self.state.best_validation
        if best is None or result.score >= best.score - _CLEARLY:
            self.state.best_validation, self.state.best_step = result, self.state.step
            self.state.best = _values(self._model.variables)
        assign(self._model.variables, training)
        return result

    def _typical_sequences(self) -> npt.NDArray[np.uint16]:
        """The same examples every time: batch statistics should not depend on luck."""
        drawn: list[npt.NDArray[np.uint16]] = []
        while sum(map(len, drawn)) < _STATISTICS_SEQUENCES:
            drawn.append(self._batches.draw(2 * self.total_steps + len(drawn)).inputs)
        return np.concatenate(drawn)[:_STATISTICS_SEQUENCES]

    def _mine(self) -> Mistakes:
        """The places of the negatives, each at least a second apart, at which the model is most wrong."""
        rng = self._batches.generator(3 * self.total_steps + self.state.step)
        most = round(self._mining.scan_hours * _FRAMES_AN_HOUR)
        apart = 1000 // law().frontend.step_ms
        found: list[tuple[float, int]] = []
        for start, block in self._batches.negatives.blocks(rng, _MINING_BLOCK_FRAMES, most):
            logits = stream_logits(self._model, [block])[0]
            places = _highest(logits, apart // law().input.stride)
            found += [(float(logits[place]), start + place * law().input.stride) for place in places]
        found.sort(reverse=True)
        kept = found[: self._mining.keep]
        # The surer the model is of a mistake, the more often it is shown it.
        weights = 1 / (1 + np.exp(-np.array([logit for logit, _ in kept])))
        return Mistakes(np.array([place for _, place in kept], np.int64), weights.astype(np.float32))


def best_weights(checkpoint: Path, model: MixedNet) -> Weights:
    """The best weights in another training's checkpoint, for a model like its own. Raises ``training.checkpoint``."""
    try:
        with checkpoint.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            names = [f"best/{number}" for number in range(sum(key.startswith("best/") for key in file.files))]
            weights = [file[name] for name in names]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise StudioError(
            "training.checkpoint", f"The checkpoint {checkpoint} cannot be read.", why=f"{error}.", do="Train again."
        ) from None
    if [value.shape for value in weights] != [tuple(variable.shape) for variable in model.variables]:
        raise StudioError(
            "training.checkpoint",
            f"The checkpoint {checkpoint} does not fit the model of the preset.",
            why="It was made by a model of other layers.",
            do="Start from a run with the same model section.",
        )
    return weights


def adopt_start(model: MixedNet, weights: Any, batches: Batches) -> None:
    """Begin from an official model's weights, its statistics taken from the first batches."""
    sequences = np.concatenate([batches.draw(number).inputs for number in range(3)])
    model.adopt(weights, model_input(quantise(sequences)))


def _highest(logits: npt.NDArray[np.float32], apart: int) -> list[int]:
    """Where ``logits`` is worth mining: the highest place of each stretch of ``apart`` outputs."""
    places = []
    for start in range(0, len(logits), apart):
        place = start + int(np.argmax(logits[start : start + apart]))
        if logits[place] > _WORTH_MINING:
            places.append(place)
    return places


def _values(variables: Sequence[Any]) -> Weights:
    return [np.array(variable.numpy()) for variable in variables]
