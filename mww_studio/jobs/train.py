"""The whole way from clips to a verified model, in the worker process."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from mww_studio.audio.files import read_audio
from mww_studio.constitution.articles import law
from mww_studio.constitution.model import check_model
from mww_studio.constitution.verdicts import Outcome
from mww_studio.corpus.augmentation import Pcm, Surroundings, Wave
from mww_studio.corpus.examples import ExampleMaker
from mww_studio.corpus.feature_store import Features, open_feature_set
from mww_studio.corpus.features import frame_count
from mww_studio.corpus.negatives import examining_sets, surrounding_sounds, training_sets
from mww_studio.corpus.noises import make_noise, noise_kinds
from mww_studio.corpus.rooms import make_room
from mww_studio.durable import write_durably
from mww_studio.errors import StudioError
from mww_studio.export.convert import convert
from mww_studio.jobs.delivery import MODEL, deliver
from mww_studio.jobs.negatives_used import record_sets
from mww_studio.jobs.profile import Profile
from mww_studio.jobs.spec import TrainSpec, read_spec
from mww_studio.presets import Training
from mww_studio.progress import Progress
from mww_studio.project.records import Clip, ClipKind, Split
from mww_studio.reference import official_model
from mww_studio.training.batches import Batches, Portion
from mww_studio.training.devices import choose_device, set_seeds
from mww_studio.training.loop import Trainer, adopt_start, best_weights
from mww_studio.training.mixednet import FoldedWeights, MixedNet
from mww_studio.training.negatives import Negatives, Source, Stream
from mww_studio.training.validation import Validation, ValidationSet
from mww_studio.training.warm_start import read_weights

_GENERATED_BACKGROUNDS = 24
_BACKGROUNDS = 80
_BACKGROUND_S = 10.0
_GENERATED_ROOMS = 24
_ROOMS = 100
_VALIDATION_STREAMS = 60
# An hour.
_VALIDATION_FRAMES = 360_000
_REPRESENTATIVE_FRAMES = 6000
# A probability of 0.98: high, with room above.
_TYPICAL_LOGIT = 4.0

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class _Examples:
    batches: Batches
    validation: ValidationSet


def do_job(folder: Path, progress: Progress) -> dict[str, str]:
    """Do the training of a run."""
    return train(read_spec(folder), folder, progress)


def train(spec: TrainSpec, folder: Path, progress: Progress) -> dict[str, str]:
    """Do the training that ``spec`` describes in its run folder; says where the results are."""
    with Profile(folder, detailed=spec.profile).watch(progress) as watched:
        return _train(spec, folder, watched)


def _train(spec: TrainSpec, folder: Path, progress: Progress) -> dict[str, str]:
    train_model(spec, folder, progress)
    return deliver(spec, folder, progress)


def train_model(spec: TrainSpec, folder: Path, progress: Progress) -> None:
    """Train the model that ``spec`` describes, or go on with it, and export it into its folder."""
    set_seeds(spec.seed)
    training = spec.preset.training
    device = choose_device(spec.preset.hardware, min(training.batch_positives, training.batch_negatives))
    progress.log(device.sentence)
    record_sets(folder, spec.preset, None if spec.start is None else spec.project / spec.start)
    with device.strategy.scope():
        model = MixedNet(spec.preset.model)
    start = _starting_weights(spec)
    further = None if spec.start is None else best_weights(spec.project / spec.start, model)
    progress.phase("Checking that such a model can be exported")
    _export(start or model.folded(), np.zeros((60, law().frontend.channels), np.uint16), folder / "dry_export.tflite")

    examples = _examples(spec, progress)
    if start is not None:
        adopt_start(model, start, examples.batches)
    trainer = Trainer(
        model, examples.batches, examples.validation, training, spec.preset.hard_negative_mining, device, folder
    )
    if further is None:
        trainer.prepare()
    else:
        trainer.start_from(further)
    if trainer.restore():
        progress.log(f"Goes on from step {trainer.state.step}.")
    validation = trainer.run(progress)

    progress.phase("Exporting")
    _export(_calibrated(model.folded(), validation), _representative(examples.batches), folder / MODEL)


def _starting_weights(spec: TrainSpec) -> FoldedWeights | None:
    name = spec.preset.training.warm_start
    if name is None or spec.start is not None:
        return None
    weights = read_weights(official_model(name))
    if weights.architecture != spec.preset.model:
        raise StudioError(
            "training.architecture",
            f"The preset's model differs from {name}, whose weights it wants to start from.",
            do=f"Set model to {weights.architecture.model_dump_json()}, or training.warm_start to null.",
        )
    return weights


def _export(weights: FoldedWeights, representative: npt.NDArray[np.uint16], path: Path) -> None:
    """Convert and hold against the law; a model that the device could not run is never kept."""
    write_durably(path, convert(weights, representative))
    wrong = [verdict for verdict in check_model(path, ours=True) if verdict.outcome is Outcome.FAIL]
    if wrong:
        path.unlink()
        raise StudioError(
            "export.unlawful",
            "The exported model breaks the constitution.",
            why=" ".join(f"{v.rule}: found {v.found}, expected {v.expected}." for v in wrong),
            do="Change the model section of the preset back, or report this.",
        )


def _examples(spec: TrainSpec, progress: Progress) -> _Examples:
    with ExampleMaker(
        spec.project,
        spec.project / spec.preset.paths.cache / "features",
        spec.preset.augmentation,
        _surroundings(spec),
        workers=spec.preset.performance.workers,
    ) as maker:
        return _make_examples(spec, maker, progress)


def _make_examples(spec: TrainSpec, maker: ExampleMaker, progress: Progress) -> _Examples:
    training, mining = spec.preset.training, spec.preset.hard_negative_mining
    chosen = functools.partial(_chosen, spec)
    frames = frame_count(training.sequence_ms * law().frontend.sample_rate_hz // 1000)
    words = _words(spec, maker, frames, progress)
    progress.phase("Saying other things in many rooms")
    near, speech = chosen(Split.TRAIN, ClipKind.NEAR), chosen(Split.TRAIN, ClipKind.SPEECH)
    augmentation = spec.preset.augmentation
    # Where people talk, pieces of what voices read would only take their place.
    talk = [clip for clip in speech if not clip.synthetic] or speech
    isolated = [
        Portion(maker.words(near, _versions(augmentation.near_examples, near), frames, progress), mining.near_share),
        Portion(maker.pieces(talk, augmentation.speech_pieces, frames, progress), mining.isolated_share),
    ]
    progress.phase("Listening to everything else")
    negatives = Negatives(list(_sources(spec, maker, progress)))
    progress.phase("Preparing the examination")
    examined = chosen(Split.VALIDATION, ClipKind.WAKE_WORD)
    validation_words = maker.words(examined, _versions(_VALIDATION_STREAMS, examined), frames, progress)
    others = chosen(Split.VALIDATION, ClipKind.SPEECH, ClipKind.AMBIENCE)
    validation = ValidationSet(
        list(validation_words.streams),
        [float(end) for end in validation_words.end_frames],
        [*maker.streams(others, 0, progress), *_published(spec)],
    )
    batches = Batches(
        words,
        isolated,
        negatives,
        sizes=(training.batch_positives, training.batch_negatives),
        mined_share=mining.share,
        seed=spec.seed,
    )
    return _Examples(batches, validation)


def _words(spec: TrainSpec, maker: ExampleMaker, frames: int, progress: Progress) -> list[Portion]:
    """Real takes and synthetic ones, each as a portion of its own: a thousand voices must not drown twenty takes."""
    augmentation, share = spec.preset.augmentation, spec.preset.training.synthetic_share
    takes = _chosen(spec, Split.TRAIN, ClipKind.WAKE_WORD)
    real, synthetic = ([clip for clip in takes if clip.synthetic is wanted] for wanted in (False, True))
    if not real:
        share = 1.0
    budgets = (
        (real, augmentation.positive_examples, 1.0 - share),
        (synthetic, augmentation.synthetic_examples if real else augmentation.positive_examples, share),
    )
    versions = [min(augmentation.positive_variants, _versions(budget, clips)) for clips, budget, _ in budgets]
    wanted = sum(len(clips) * count for (clips, _, _), count in zip(budgets, versions, strict=True))
    progress.phase("Saying the word in many rooms", wanted)
    return [
        Portion(maker.words(clips, count, frames, progress), part)
        for (clips, _, part), count in zip(budgets, versions, strict=True)
        if part
    ]


def _sources(spec: TrainSpec, maker: ExampleMaker, progress: Progress) -> Iterator[Source]:
    """What the project has that is not the word, by where it came from; then the published sets."""
    own: dict[tuple[ClipKind, str], list[Clip]] = {}
    for clip in _chosen(spec, Split.TRAIN, ClipKind.SPEECH, ClipKind.AMBIENCE):
        own.setdefault(_source_of(clip), []).append(clip)
    everything = maker.streams(list(chain(*own.values())), spec.preset.augmentation.negative_copies, progress)
    versions = 1 + spec.preset.augmentation.negative_copies
    for clips in own.values():
        streams, everything = everything[: versions * len(clips)], everything[versions * len(clips) :]
        yield Source(Stream(streams), _weight(clips[0], spec.preset.training))
    for folder in spec.preset.paths.extra_negatives:
        yield Source(Stream(list(open_feature_set(spec.project / folder))))
    for used in training_sets(spec.preset):
        yield Source(Stream(used.whole), used.weight)


def _published(spec: TrainSpec) -> Iterator[Features]:
    """Some of the published sound that chooses between weights; all of it is heard when the cut-off is chosen."""
    for used in examining_sets(spec.preset):
        if used.side is Split.VALIDATION:
            yield from (piece[:_VALIDATION_FRAMES] for piece in used.whole)


def _source_of(clip: Clip) -> tuple[ClipKind, str]:
    """One engine, one person, or one folder of recordings."""
    if clip.engine is not None:
        return clip.kind, clip.engine.partition(":")[0]
    return clip.kind, clip.speaker or Path(clip.source).parent.name


def _weight(clip: Clip, training: Training) -> float:
    """How often a source of such clips is drawn from."""
    if clip.kind is ClipKind.AMBIENCE:
        return training.ambience_weight
    return training.synthetic_speech_weight if clip.synthetic else 1.0


def _versions(examples: int, clips: Sequence[Clip]) -> int:
    """How many of each clip make about so many examples together."""
    return -(-examples // max(len(clips), 1))


def _chosen(spec: TrainSpec, split: Split, *kinds: ClipKind) -> list[Clip]:
    return [clip for clip in spec.clips if clip.kind in kinds and spec.splits[clip.id] is split]


def _surroundings(spec: TrainSpec) -> Surroundings:
    """The person's own rooms and sounds, downloaded and generated ones: no recording is needed, and none is too few."""
    rng = np.random.default_rng(spec.seed if spec.sound_seed is None else spec.sound_seed)
    ambience = _chosen(spec, Split.TRAIN, ClipKind.AMBIENCE)
    backgrounds = [_excerpt(read_audio(spec.project / clip.path), rng) for clip in _some(ambience, _BACKGROUNDS, rng)]
    downloaded = surrounding_sounds(spec.preset)
    backgrounds += [_excerpt(read_audio(path), rng) for path in _some(downloaded.noises, _BACKGROUNDS, rng)]
    kinds = noise_kinds()
    backgrounds += [make_noise(kinds[n % len(kinds)], _BACKGROUND_S, n) for n in range(_GENERATED_BACKGROUNDS)]
    impulse_responses = _some(_chosen(spec, Split.TRAIN, ClipKind.RIR), _ROOMS, rng)
    room_files = [spec.project / clip.path for clip in impulse_responses]
    room_files += _some(downloaded.rooms, _ROOMS, rng)
    rooms: list[Wave] = [np.asarray(read_audio(path) / 32768, np.float32) for path in room_files]
    rooms += [make_room(n) for n in range(_GENERATED_ROOMS)]
    return Surroundings(backgrounds, rooms)


def _some(things: Sequence[Thing], count: int, rng: np.random.Generator) -> list[Thing]:
    chosen = rng.permutation(len(things))[:count]
    return [things[index] for index in sorted(chosen)]


def _excerpt(pcm: Pcm, rng: np.random.Generator) -> Pcm:
    length = int(_BACKGROUND_S * law().frontend.sample_rate_hz)
    start = int(rng.integers(max(len(pcm) - length, 0) + 1))
    return pcm[start : start + length]


def _calibrated(weights: FoldedWeights, validation: Validation) -> FoldedWeights:
    """Shift and scale the output so that the cut-offs span what lies between the threshold and a typical word.

    Outputs that saturate leave no cut-off to choose, and a device at its strictest still fires at every mistake.
    """
    span = max(validation.typical - validation.threshold, _TYPICAL_LOGIT)
    scale = np.float32(_TYPICAL_LOGIT / span)
    bias = (weights.dense_bias - np.float32(validation.threshold)) * scale
    return FoldedWeights(weights.first, weights.blocks, weights.dense * scale, bias)


def _representative(batches: Batches) -> npt.NDArray[np.uint16]:
    drawn = [sequence for number in range(2) for sequence in batches.draw(number).inputs]
    rng = np.random.default_rng(0)
    return np.concatenate([drawn[index] for index in rng.permutation(len(drawn))])[:_REPRESENTATIVE_FRAMES]
