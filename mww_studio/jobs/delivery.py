"""From a converted model to what a person can use: the cut-off, the scorecard, the files for the device."""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from mww_studio.constitution.articles import law
from mww_studio.constitution.manifest import Manifest
from mww_studio.corpus.features import Features, Pcm, device_features
from mww_studio.corpus.negatives import examining_sets
from mww_studio.errors import StudioError
from mww_studio.esphome.config import Sensitivity
from mww_studio.evaluation.arena import measure_arena_bytes, recommended_arena_bytes
from mww_studio.evaluation.clips import AmbientClip, NoiseBed, PositiveClip, dithered, positive_clip
from mww_studio.evaluation.detector import byte_cutoff, cutoff_byte, cutoff_bytes
from mww_studio.evaluation.listening import Heard, listen
from mww_studio.evaluation.operating_point import OperatingPoint, choose_operating_point, operating_point_at
from mww_studio.evaluation.report import write_report
from mww_studio.evaluation.runtime import Runtime, load_runtime
from mww_studio.evaluation.scorecard import Scorecard, judge
from mww_studio.export.bundle import Bundle, own_stem, write_bundle
from mww_studio.export.provenance import Measured, WarmStart, describe
from mww_studio.export.words import DeviceOrder, Word
from mww_studio.jobs.examination import (
    CLEAN,
    HEARD_NOISE,
    HEARD_TEST,
    HEARD_VALIDATION,
    Examination,
    read_examination,
    read_heard,
    write_examination,
    write_heard,
)
from mww_studio.jobs.negatives_used import licence_remarks, recorded_sets
from mww_studio.jobs.spec import TrainSpec, read_spec
from mww_studio.progress import Progress
from mww_studio.project.records import Clip, ClipKind, RunState, Split
from mww_studio.project.store import Project
from mww_studio.reference import official_model

MODEL = "model.tflite"
REPORT = "report"
FILES = "files"
_NOISE_SNR_DB = 10.0
_MOST_HOURS_OF_A_SET = 10.0
NOISY = f"noise at {_NOISE_SNR_DB:g} dB"
_WARM_START_SOURCE = "pymicro-wakeword"
_WARM_START_LICENCE = "Apache-2.0"
# Used where tflite-micro, which measures it, does not run: what the reference model asks for, generously rounded.
_UNMEASURED_ARENA_BYTES = 24_000
# How far the other two sensitivities go from the chosen cut-off, on the measured curve.
_GIVEN_UP_RECALL = 0.05
_MORE_PER_HOUR = 2.0


def deliver(spec: TrainSpec, folder: Path, progress: Progress) -> dict[str, str]:
    """Examine the model in a run's folder, report on it, and write its files; says where they are."""
    return write_results(spec, folder, examine(spec, folder, progress), progress)


def write_results(spec: TrainSpec, folder: Path, examination: Examination, progress: Progress) -> dict[str, str]:
    """Keep what was found out about the model in a run's folder, with its report and files; says where they are."""
    write_examination(examination, folder)
    write_report(
        examination.scorecards,
        folder / REPORT,
        title=spec.wake_word,
        operating_point=examination.operating_point,
        remarks=examination.remarks,
    )
    progress.phase("Writing the files for the device")
    order = DeviceOrder(spec.preset.export.board)
    files = _write_files(spec, folder, examination, folder / FILES, order, False, progress)
    return {"run": folder.name, "report": str(folder / REPORT / "report.md"), **files.summary()}


def examine(spec: TrainSpec, folder: Path, progress: Progress) -> Examination:
    """Choose the cut-off on the validation side, and measure it on the test side; all that was said is kept."""
    model = folder / MODEL
    runtime = load_runtime(model, progress)
    validation, test = (hear_side(spec, runtime, split, progress) for split in (Split.VALIDATION, Split.TEST))
    target = spec.preset.training.target_false_accepts_per_hour
    point = choose_operating_point(validation, target, spec.preset.export.sliding_windows)
    progress.log(point.sentence)
    (folder / HEARD_NOISE).unlink(missing_ok=True)
    write_heard(validation, folder / HEARD_VALIDATION)
    write_heard(test, folder / HEARD_TEST)
    noisy = hear_in_noise(spec, runtime, Split.TEST, progress)
    if noisy is not None:
        write_heard(noisy, folder / HEARD_NOISE)
    total = measure_arena_bytes(model)
    return Examination(
        operating_point=point,
        scorecards=_scorecards(point, test, noisy),
        arena_bytes=recommended_arena_bytes(_UNMEASURED_ARENA_BYTES if total is None else total),
        remarks=(*_remarks(spec), *licence_remarks(recorded_sets(folder))),
    )


def hear_side(spec: TrainSpec, runtime: Runtime, split: Split, progress: Progress) -> Heard:
    """All that a model says to the clips of one side, as they are."""
    return listen(runtime, _words(spec, split), _others(spec, split, progress), progress)


def hear_in_noise(spec: TrainSpec, runtime: Runtime, split: Split, progress: Progress) -> Heard | None:
    """What it says to the takes of one side amid that side's own room sound; None where there is no such sound."""
    ambience = [spec.project / clip.path for clip in _on_side(spec, split, {ClipKind.AMBIENCE})]
    if not ambience:
        return None
    return listen(runtime, _words(spec, split, NoiseBed(ambience, _NOISE_SNR_DB)), [], progress)


def examination_at(folder: Path, cutoff: float, window: int | None = None) -> Examination:
    """What a finished run would have found out at another cut-off (and window), from all that its model said.

    Raises StudioError ``results.cutoff``, ``results.none`` and ``results.old``.
    """
    if cutoff_byte(cutoff) not in cutoff_bytes():
        strictest, loosest = byte_cutoff(cutoff_bytes()[-1]), byte_cutoff(cutoff_bytes()[0])
        raise StudioError(
            "results.cutoff",
            f"{cutoff:g} cannot be a cut-off.",
            why="A model's output would always be above it, or never.",
            do=f"Choose one from {loosest:g} to {strictest:g}.",
        )
    before = read_examination(folder)
    validation, test = read_heard(folder / HEARD_VALIDATION), read_heard(folder / HEARD_TEST)
    noisy = read_heard(folder / HEARD_NOISE) if NOISY in before.scorecards else None
    point = operating_point_at(
        validation,
        cutoff,
        window or before.operating_point.sliding_window_size,
        before.operating_point.target_per_hour,
    )
    return before.model_copy(update={"operating_point": point, "scorecards": _scorecards(point, test, noisy)})


def export_run(
    project: Project,
    run_id: str | None,
    out: Path,
    order: DeviceOrder,
    *,
    generate: bool,
    progress: Progress,
    cutoff: float | None = None,
) -> Bundle:
    """Write the files of a finished run, the newest if none is named, into ``out``; at its own cut-off or another.

    What the licences of the sound sets behind it ask for, and what the device asks for, is logged.
    """
    finished = [run.id for run in project.runs() if run.state is RunState.DONE]
    chosen = run_id or (finished[-1] if finished else None)
    if chosen not in finished:
        raise StudioError(
            "export.no_run",
            f"There is no finished training {run_id}." if run_id else "No training of this project is finished.",
            do=f"Choose one of: {', '.join(finished)}." if finished else "Train first: mww-studio train DIR.",
        )
    folder = project.run_folder(chosen)
    spec = read_spec(folder)
    examination = read_examination(folder) if cutoff is None else examination_at(folder, cutoff)
    for remark in licence_remarks(recorded_sets(folder)):
        progress.log(remark)
    bundle = _write_files(spec, folder, examination, out, order, generate, progress)
    for remark in bundle.remarks:
        progress.log(remark)
    return bundle


def describe_result(result: dict[str, str]) -> str:
    """The results of a training for a person at a terminal: the report, and where the files are."""
    report = Path(result["report"]).read_text(encoding="utf-8")
    files = "\n".join(f"  {name}: {path}" for name, path in result.items())
    return f"{report.rstrip()}\n\nFiles\n{files}"


def _write_files(
    spec: TrainSpec,
    folder: Path,
    examination: Examination,
    out: Path,
    order: DeviceOrder,
    generate: bool,
    progress: Progress,
) -> Bundle:
    point = examination.operating_point
    manifest = Manifest(
        wake_word=spec.wake_word,
        author=spec.author or "unknown",
        model=MODEL,
        trained_languages=(spec.language,),
        probability_cutoff=point.cutoff,
        sliding_window_size=point.sliding_window_size,
        feature_step_size=law().frontend.step_ms,
        tensor_arena_size=examination.arena_bytes,
        minimum_esphome_version=law().manifest.minimum_esphome_version,
    )
    try:
        model = (folder / MODEL).read_bytes()
    except OSError as error:
        raise StudioError(
            "export.no_model",
            f"The model of the training {folder.name} cannot be read.",
            why=f"{error.strerror}.",
            do="Train again.",
        ) from error
    measured = _measured(examination)
    word = Word(own_stem(spec.wake_word), manifest, model, measured.points if measured else (), ours=True)
    provenance = describe(
        folder / MODEL,
        spec.clips,
        wake_word=spec.wake_word,
        preset=spec.preset.name,
        seed=spec.seed,
        settings=spec.preset.model_dump_json(),
        warm_start=_warm_start(spec),
        sound_sets=recorded_sets(folder),
        measured=measured,
    )
    return write_bundle(out, [word], order, provenance=provenance, generate=generate, progress=progress)


def _words(spec: TrainSpec, split: Split, noise: NoiseBed | None = None) -> Iterator[PositiveClip]:
    for clip in _on_side(spec, split, {ClipKind.WAKE_WORD}):
        yield positive_clip(
            _read(spec, clip),
            clip.path,
            speech_start_s=clip.speech_start_s,
            speech_end_s=clip.speech_end_s,
            speaker=clip.speaker,
            noise=noise,
        )


def _others(spec: TrainSpec, split: Split, progress: Progress) -> Iterator[AmbientClip]:
    clips = _on_side(spec, split, {ClipKind.SPEECH, ClipKind.AMBIENCE})
    progress.phase("Choosing the cut-off" if split is Split.VALIDATION else "Examining the model", len(clips))
    for number, clip in enumerate(clips, start=1):
        source = clip.engine or clip.speaker or Path(clip.source).parent.name
        yield AmbientClip(clip.path, ambient_features(clip, _read(spec, clip)), source)
        progress.step(number)
    for used in examining_sets(spec.preset):
        if used.side is split:
            # Evenly from all of it: its first hours may be one programme.
            apart = max(math.ceil(used.hours / _MOST_HOURS_OF_A_SET), 1)
            for number in range(0, len(used.items), apart):
                yield AmbientClip(f"{used.name}/{number}", used.items[number], used.name)


def ambient_features(clip: Clip, pcm: Pcm) -> Features:
    """A clip's samples as the device hears sound that goes on all day; each time the same. uint16 [frames, channels]"""
    return device_features(dithered(pcm, np.random.default_rng(int(clip.sha256[:15], 16))))


def _scorecards(point: OperatingPoint, test: Heard, noisy: Heard | None) -> dict[str, Scorecard]:
    """The verdicts on the test side: on the takes as they are, and with noise if there is some."""
    conditions = {CLEAN: test}
    if noisy is not None:
        conditions[NOISY] = replace(noisy, ambience=test.ambience)
    return {
        name: judge(heard, point.cutoff, point.sliding_window_size, point.target_per_hour)
        for name, heard in conditions.items()
    }


def _on_side(spec: TrainSpec, split: Split, kinds: set[ClipKind]) -> list[Clip]:
    return [clip for clip in spec.clips if clip.kind in kinds and spec.splits[clip.id] is split]


def _read(spec: TrainSpec, clip: Clip) -> Pcm:
    return np.asarray(soundfile.read(spec.project / clip.path, dtype="int16")[0])


def _warm_start(spec: TrainSpec) -> WarmStart | None:
    name = spec.preset.training.warm_start
    if name is None:
        return None
    digest = hashlib.sha256(official_model(name).read_bytes()).hexdigest()
    return WarmStart(name=name, source=_WARM_START_SOURCE, licence=_WARM_START_LICENCE, sha256=digest)


def _measured(examination: Examination) -> Measured | None:
    """The chosen point of the measured curve between a stricter and a more sensitive one; none where they coincide."""
    card = examination.scorecard
    chosen = cutoff_byte(card.cutoff)
    stricter = [point for point in card.curve if point.detected >= (1 - _GIVEN_UP_RECALL) * card.recall.detected]
    looser = [
        point
        for point in card.curve
        if point.detected >= card.recall.detected
        and point.false_accepts <= card.false_accepts.false_accepts + _MORE_PER_HOUR * card.false_accepts.hours
    ]
    if not card.false_accepts.hours or not stricter or not looser:
        return None
    here = next(point for point in card.curve if cutoff_byte(point.cutoff) == chosen)
    if not cutoff_byte(stricter[-1].cutoff) > chosen > cutoff_byte(looser[0].cutoff):
        return None
    points = {"Slightly sensitive": stricter[-1], "Moderately sensitive": here, "Very sensitive": looser[0]}
    sensitivities = tuple(
        Sensitivity(
            label,
            cutoff_byte(point.cutoff),
            point.false_accepts,
            card.false_accepts.hours,
            point.detected,
            card.recall.clips,
            chosen=point is here,
        )
        for label, point in points.items()
    )
    return Measured(sliding_window_size=examination.operating_point.sliding_window_size, points=sensitivities)


def _remarks(spec: TrainSpec) -> Iterator[str]:
    tested = _on_side(spec, Split.TEST, {ClipKind.WAKE_WORD})
    others = _on_side(spec, Split.TEST, {ClipKind.SPEECH, ClipKind.AMBIENCE})
    if all(clip.engine for clip in tested):
        yield (
            "No real voice yet: the word was trained on and tested with synthetic voices only, other ones for the test"
            f" ({_engines(tested)}). How well it hears your family is unknown. Record 20 takes."
        )
    elif not spec.speakers_apart:
        yield (
            "The people whose takes examine the model also trained it, with other takes. Somebody it has never heard"
            " will be recognised less often."
        )
    if others and all(clip.engine or not clip.speaker for clip in others) and any(clip.engine for clip in others):
        yield (
            "Mistakes were counted on synthetic speech and computed noise. Real talk and television will show more."
            " Import an hour of them as speech, or leave a recorder on and import it as ambience."
        )


def _engines(clips: Sequence[Clip]) -> str:
    return ", ".join(sorted({clip.engine or "" for clip in clips}))
