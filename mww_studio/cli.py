"""The command line: one short function a command. Heavy imports are inside the commands that need them."""

import shlex
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from mww_studio.commands import (
    boards,
    device,
    doctor,
    flash,
    mining,
    negatives,
    passport,
    phrases,
    presets,
    report,
    speakers,
    tuning,
    voices,
)
from mww_studio.commands.common import Json, Out, ProjectFolder, one_of, say, show_result, tell
from mww_studio.errors import Cancelled, StudioError
from mww_studio.terminal import TerminalProgress, show_error

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Record your own wake word, train it on this computer, and flash it to an ESP32.",
)

_CANCELLED = 130
_WRONG_USE = {
    "board.unknown",
    "preset.unknown",
    "verify.kind",
    "verify.out",
    "clips.ids",
    "doctor.kind",
    "mining.ids",
    "phrases.text",
    "negatives.unknown",
    "negatives.name",
}
_DEFAULT_PRESET = "standard"

Microphone = Annotated[str, typer.Option(help="Its name; the system's default if not given.", show_default=False)]


@app.command()
def new(
    folder: ProjectFolder,
    wake_word: Annotated[str, typer.Option(help="The word or phrase that wakes the device.", show_default=False)],
    language: Annotated[str, typer.Option(help="Its language, as a code such as en or de.")] = "en",
    author: Annotated[str, typer.Option(help="Who makes it; stands in the manifest.")] = "",
) -> None:
    """Make a new project."""
    from mww_studio.project.store import Project

    with Project.create(folder, wake_word, language, author) as project:
        say(f"Made the project “{project.info.wake_word}” in {folder}.")
        say(f"Next: mww-studio import {shlex.quote(str(folder))} --kind wake-word RECORDINGS...")


@app.command("import")
def import_(
    folder: ProjectFolder,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Sound files and folders.")],
    kind: Annotated[str, typer.Option(help="wake-word, speech, near, ambience or rir.", show_default=False)],
    speaker: Annotated[str | None, typer.Option(help="Who speaks.")] = None,
    licence: Annotated[str, typer.Option(help="The licence of the recordings.")] = "",
    as_json: Json = False,
) -> None:
    """Bring recordings into a project."""
    from mww_studio.jobs.importing import import_audio
    from mww_studio.project.records import ClipKind
    from mww_studio.project.store import Project

    wanted = one_of(ClipKind, kind, "--kind")
    with Project.open(folder) as project, TerminalProgress() as progress:
        report = import_audio(project, paths, wanted, speaker=speaker, licence=licence, progress=progress)
    show_result(as_json, report.summary(), report.describe())
    if report.failed and not report.added:
        raise typer.Exit(1)


@app.command()
def status(folder: ProjectFolder, as_json: Json = False) -> None:
    """Show what a project has, and what to do next."""
    from mww_studio.jobs.status import project_status

    state = project_status(folder)
    show_result(as_json, state.model_dump(mode="json"), state.describe())


@app.command()
def clips(
    folder: ProjectFolder,
    kind: Annotated[str | None, typer.Option(help="wake-word, speech, near, ambience or rir.")] = None,
    speaker: Annotated[str | None, typer.Option(help="Who speaks; empty: nobody knows.")] = None,
    judgement: Annotated[str | None, typer.Option(help="good, doubtful or kept.")] = None,
    text: Annotated[str, typer.Option(help="What stands in the source, the note or the name.")] = "",
    trashed: Annotated[bool, typer.Option("--trashed", help="Those in the trash.")] = False,
    trash: Annotated[str | None, typer.Option(metavar="IDS", help="Move these, such as 3,5-9, to the trash.")] = None,
    restore: Annotated[str | None, typer.Option(metavar="IDS", help="Bring these back from the trash.")] = None,
    relabel: Annotated[str | None, typer.Option(metavar="IDS", help="Say that these are of the --kind.")] = None,
    assign: Annotated[str | None, typer.Option(metavar="IDS", help="Say that in these the --speaker speaks.")] = None,
    as_json: Json = False,
) -> None:
    """List the clips of a project, or correct some of them."""
    from mww_studio.jobs.listing import clip_rows, describe_clips, parse_ids
    from mww_studio.project.records import ClipKind, ClipQuery, Judgement
    from mww_studio.project.store import Project

    wanted = None if kind is None else one_of(ClipKind, kind, "--kind")
    judged = None if judgement is None else one_of(Judgement, judgement, "--judgement")
    orders = [ids for ids in (trash, restore, relabel, assign) if ids is not None]
    if len(orders) > 1 or (relabel and not wanted) or (assign and speaker is None):
        raise typer.BadParameter("give one of --trash, --restore, --relabel with --kind, --assign with --speaker.")
    if orders:
        ids = parse_ids(orders[0])
        with Project.open(folder) as project:
            if trash:
                project.trash_clips(ids)
            elif restore:
                project.restore_clips(ids)
            elif relabel and wanted:
                project.relabel(ids, wanted)
            else:
                project.assign_speaker(ids, speaker or None)
            rows = clip_rows(project, ids)
    else:
        kinds = frozenset({wanted}) if wanted else frozenset(ClipKind)
        query = ClipQuery(kinds, speaker, judged, text=text, trashed=trashed, descending=False)
        with Project.open(folder, read_only=True) as project:
            rows = clip_rows(project, project.clip_ids(query))
    show_result(as_json, [row.model_dump(mode="json") for row in rows], describe_clips(rows))


@app.command()
def people(
    folder: ProjectFolder,
    add: Annotated[str | None, typer.Option(metavar="NAME", help="Add somebody.")] = None,
    child: Annotated[bool, typer.Option("--child", help="Who is added is a child.")] = False,
    consent: Annotated[bool, typer.Option("--consent", help="They agree, or a parent does.")] = False,
    rename: Annotated[str | None, typer.Option(metavar="NAME", help="Give somebody the name --to.")] = None,
    to: Annotated[str | None, typer.Option(metavar="NAME", help="The new name.")] = None,
    delete: Annotated[str | None, typer.Option(metavar="NAME", help="Delete somebody with all their clips.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Yes, delete for good.")] = False,
    as_json: Json = False,
) -> None:
    """List the people of a project, or add, rename and delete them."""
    from mww_studio.jobs.listing import describe_people, person_rows
    from mww_studio.project.store import Project

    orders = [name for name in (add, rename, delete) if name is not None]
    if len(orders) > 1 or (rename is None) != (to is None) or (add is None and (child or consent)):
        raise typer.BadParameter("give one of --add, --rename with --to, --delete.")
    if delete is not None and not yes:
        raise typer.BadParameter("this cannot be undone; add --yes.", param_hint="--delete")
    with Project.open(folder, read_only=not orders) as project:
        if add is not None:
            project.add_person(add, child=child, consent=consent)
        elif rename is not None and to is not None:
            project.rename_person(rename, to)
        elif delete is not None:
            project.delete_person(delete)
        rows = person_rows(project)
    show_result(as_json, [row.model_dump(mode="json") for row in rows], describe_people(rows))


@app.command()
def train(
    folder: ProjectFolder,
    preset: Annotated[
        str | None, typer.Option(help="fast_test, standard (if not given), max_quality, small, or a YAML file.")
    ] = None,
    override: Annotated[Path | None, typer.Option(help="A YAML file laid over the preset.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed, another order of the same recordings.", min=0)] = None,
    from_scratch: Annotated[bool, typer.Option("--from-scratch", help="Do not start from an official model.")] = False,
    seeds: Annotated[
        int | None, typer.Option(help="Train with so many seeds, choose on validation, and tell all.", min=2)
    ] = None,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Train the seeds on the cluster of this dask scheduler.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the last interrupted training.")] = False,
    profile: Annotated[bool, typer.Option("--profile", help="Write where the time went into the run.")] = False,
    as_json: Json = False,
) -> None:
    """Train a model, examine it, and write the files for the device."""
    from mww_studio.commands.tuning import train_several
    from mww_studio.jobs.launch import new_training, run_training
    from mww_studio.jobs.planning import plan_training, resumable_run
    from mww_studio.presets import load_preset, without_warm_start
    from mww_studio.project.store import Project

    if dask is not None and seeds is None:
        raise typer.BadParameter("one training is done on this computer; add --seeds.", param_hint="--dask")
    given = any(value is not None for value in (preset, override, seed, seeds))
    if resume and (given or from_scratch or profile):
        raise typer.BadParameter(
            "a training goes on with the settings that it began with; leave out --preset, --override, --seed,"
            " --seeds, --from-scratch and --profile.",
            param_hint="--resume",
        )
    with Project.open(folder) as project, TerminalProgress() as progress:
        if resume:
            run = resumable_run(project)
        else:
            settings = load_preset(preset or _DEFAULT_PRESET, override)
            settings = without_warm_start(settings) if from_scratch else settings
            spec = plan_training(project, settings, seed or 0, profile=profile)
            if seeds is not None:
                train_several(project, spec, seeds, progress, dask, as_json)
                return
            run = new_training(project, spec)
        result = run_training(project, run, progress)
    _show_training(result, as_json)


@app.command()
def evaluate(
    manifest: Annotated[Path, typer.Argument(metavar="FILE.json", help="The manifest of any microWakeWord v2 model.")],
    wake_words: Annotated[list[Path], typer.Option(help="Recordings of the wake word; may be given several times.")],
    ambient: Annotated[list[Path], typer.Option(help="Sound without the wake word; may be given several times.")],
    noise: Annotated[Path | None, typer.Option(help="Sound to mix with the wake words.")] = None,
    snr_db: Annotated[float | None, typer.Option(help="How much louder than that noise they are, in dB.")] = None,
    as_json: Json = False,
) -> None:
    """Measure any model on your own recordings, exactly as a device would hear them."""
    from mww_studio.evaluation.evaluate import evaluate_manifest

    if (noise is None) != (snr_db is None):
        raise typer.BadParameter("--noise and --snr-db belong together.")
    with TerminalProgress() as progress:
        measured = evaluate_manifest(manifest, wake_words, ambient, noise, snr_db, progress)
    show_result(as_json, measured.model_dump(mode="json"), measured.describe())


@app.command()
def quickstart(
    phrase: Annotated[str, typer.Argument(metavar="PHRASE", help="The wake word or phrase.")],
    out: Out,
    language: Annotated[str, typer.Option(help="Its language, as a code such as en or de.")] = "en",
    as_json: Json = False,
) -> None:
    """Make a first model from synthetic voices alone: no recordings, no internet, a few minutes."""
    from mww_studio.jobs.quickstart import quickstart as make

    with TerminalProgress() as progress:
        result = make(phrase, language, out, progress)
    _show_training(result, as_json)


@app.command()
def record(
    folder: ProjectFolder,
    kind: Annotated[str, typer.Option(help="wake-word, near, speech or ambience.")] = "wake-word",
    speaker: Annotated[str | None, typer.Option(help="Who speaks.", show_default=False)] = None,
    takes: Annotated[int, typer.Option(help="How many good takes of a word.", min=1)] = 10,
    seconds: Annotated[float, typer.Option(help="How long to record speech or ambience.")] = 60.0,
    microphone: Microphone = "",
    as_json: Json = False,
) -> None:
    """Record takes of the wake word one by one, or a stretch of talk or room sound."""
    from mww_studio.jobs.recording import STRETCHES, TAKEN, record_stretch, record_takes
    from mww_studio.project.records import ClipKind
    from mww_studio.project.store import Project

    what = one_of(ClipKind, kind, "--kind")
    if what not in TAKEN | STRETCHES:
        raise typer.BadParameter("An impulse response is measured with other tools, and imported.", param_hint="--kind")
    if what in TAKEN and not speaker:
        raise typer.BadParameter("Say who speaks: a model learns from several people.", param_hint="--speaker")
    with Project.open(folder) as project:
        if what in TAKEN:
            report = record_takes(project, what, speaker or "", microphone, takes, tell)
        else:
            report = record_stretch(project, what, speaker, microphone, seconds, tell)
    show_result(as_json, report.summary(), report.describe())


@app.command()
def listen(
    manifest: Annotated[Path, typer.Argument(metavar="FILE.json", help="The manifest of any microWakeWord v2 model.")],
    minutes: Annotated[float | None, typer.Option(help="How long to listen; until Ctrl-C if not given.")] = None,
    keep: Annotated[Path | None, typer.Option(metavar="DIR", help="Keep there what led to each wake.")] = None,
    microphone: Microphone = "",
    as_json: Json = False,
) -> None:
    """Listen with a model at a microphone, exactly as a device would."""
    from mww_studio.jobs.listening import listen_live

    report = listen_live(manifest, microphone, minutes, keep, tell)
    show_result(as_json, report.summary(), report.describe())


@app.command()
def microphones(as_json: Json = False) -> None:
    """List the microphones of this computer."""
    from dataclasses import asdict

    from mww_studio.audio.devices import microphones as found

    there = found()
    lines = [f"{each.name} ({each.rate_hz} Hz){', default' if each.default else ''}" for each in there]
    show_result(as_json, [asdict(each) for each in there], "\n".join(lines) or "There is no microphone.")


constitution_app = typer.Typer(no_args_is_help=True, help="The law that every model is held against.")
app.add_typer(constitution_app, name="constitution")


@constitution_app.command()
def show() -> None:
    """Print the constitution."""
    from mww_studio.constitution.articles import constitution_text

    say(constitution_text())


@constitution_app.command("verify")
def verify_constitution(as_json: Json = False) -> None:
    """Derive the constitution's values again from the installed software, and compare."""
    from mww_studio.constitution.sources import verify_sources
    from mww_studio.constitution.verdicts import failed
    from mww_studio.jobs.verify import describe

    verdicts = verify_sources()
    _show_verdicts(verdicts, describe(verdicts), as_json)
    if failed(verdicts):
        raise typer.Exit(1)


app.command()(doctor.doctor)
app.command()(passport.verify)
app.command()(boards.boards)
app.command()(boards.esphome)
app.command()(boards.export)
app.command()(flash.flash)
app.command()(flash.ports)
app.command()(flash.devices)
app.command()(flash.install)
app.command()(device.device)
app.command()(mining.mine)
app.add_typer(negatives.app, name="negatives")
app.command()(phrases.phrases)
app.command()(presets.presets)
app.command()(report.report)
app.command()(speakers.audit)
app.add_typer(speakers.app, name="speakers")
app.command()(tuning.tune)
app.command()(voices.synthesise)
app.add_typer(voices.app, name="voices")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status: 0 good, 1 failed, 2 wrong use, 130 cancelled."""
    # Being asked to end is heard as Ctrl-C is: everything is left in order.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        status: int = app(arguments, prog_name="mww-studio", standalone_mode=False) or 0
    except StudioError as error:
        show_error(error)
        return 2 if error.code in _WRONG_USE else 1
    except Cancelled:
        status = _CANCELLED
    except typer.TyperException as error:
        sys.stderr.write(f"{error.format_message()}\nTry --help to see how it is used.\n")
        return error.exit_code
    if status == _CANCELLED:  # typer says so, too, after Ctrl-C
        sys.stderr.write("Cancelled.\n")
    return status


def train_script() -> int:
    """The console script mww-train."""
    return main(["train", *sys.argv[1:]])


def cluster_analyze_script() -> int:
    """The console script mww-cluster-analyze."""
    return main(["speakers", "analyze", *sys.argv[1:]])


def cluster_apply_script() -> int:
    """The console script mww-cluster-apply."""
    return main(["speakers", "apply", *sys.argv[1:]])


def autotune_script() -> int:
    """The console script mww-autotune."""
    return main(["tune", *sys.argv[1:]])


def export_script() -> int:
    """The console script mww-export."""
    return main(["export", *sys.argv[1:]])


def _show_verdicts(verdicts: list[Any], text: str, as_json: bool) -> None:
    from dataclasses import asdict

    show_result(as_json, [asdict(verdict) for verdict in verdicts], text)


def _show_training(result: dict[str, str], as_json: bool) -> None:
    from mww_studio.jobs.delivery import describe_result

    show_result(as_json, result, describe_result(result))
