"""The commands about computer voices: which there are, more of them, one line to hear, and takes for a project."""

from pathlib import Path
from typing import Annotated

import typer

from mww_studio.commands.common import AcceptLicence, Json, ProjectFolder, show_removed, show_result, tell
from mww_studio.terminal import TerminalProgress

app = typer.Typer(
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    help="Computer voices: list them, install more of them, hear one.",
)

Language = Annotated[str, typer.Option(help="A language, as a code such as en or de.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A voice of the catalogue.", show_default=False)]


@app.callback(invoke_without_command=True)
def voices(
    context: typer.Context,
    language: Language = "en",
    refresh: Annotated[bool, typer.Option("--refresh", help="Fetch the catalogue of Piper's voices anew.")] = False,
    as_json: Json = False,
) -> None:
    """List the engines and their voices for a language, and the voices that can be installed."""
    if context.invoked_subcommand is not None:
        return
    from mww_studio.corpus.voice_catalogue import catalogue, known_offers, speaks
    from mww_studio.jobs.voices_listing import describe_offers, describe_states, engine_states, offer_summary

    if refresh:
        with TerminalProgress() as progress:
            offers = catalogue(progress, refresh=True)
    else:
        offers = known_offers()
    own = [offer for offer in offers if speaks(offer, language)]
    states = engine_states(language)
    data = {"engines": [state.summary() for state in states], "catalogue": [offer_summary(offer) for offer in own]}
    more = "" if any(offer.engine == "piper" for offer in offers) else "More: mww-studio voices --refresh."
    text = [describe_states(states, language), "To install:", describe_offers(own), more]
    show_result(as_json, data, "\n".join(filter(None, text)))


@app.command()
def install(
    name: Name,
    accept_licence: AcceptLicence = False,
    as_json: Json = False,
) -> None:
    """Download a voice, or go on with a download that broke off. Its licence is shown first."""
    from mww_studio.corpus.voice_catalogue import catalogue, find_offer, install_voice, known_offers, read_card

    with TerminalProgress() as progress:
        known = {offer.name: offer for offer in known_offers()}
        offer = known.get(name) or find_offer(name, catalogue(progress))
        card = read_card(offer, progress)
        tell(f"{offer.title}: {offer.bytes / 2**20:.0f} MB. Licence: {card.licence}")
        if card.non_commercial and not accept_licence:
            raise typer.BadParameter(
                "the licence of this voice forbids commercial use; add --accept-licence.", param_hint="NAME"
            )
        folder = install_voice(offer, progress)
    data = {"name": name, "folder": str(folder), "licence": card.licence}
    show_result(as_json, data, f"The voice “{name}” is in {folder}.")


@app.command()
def remove(name: Name, as_json: Json = False) -> None:
    """Delete an installed voice, and what is left of a download that broke off."""
    from mww_studio.corpus.voice_catalogue import uninstall_voice

    uninstall_voice(name)
    show_removed(as_json, "voice", name)


@app.command("say")
def say_text(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to say; IPA between slashes.", show_default=False)],
    voice: Annotated[str, typer.Option(help="A voice, or an engine for its first one.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.wav", help="The file to write.", show_default=False)],
    language: Language = "en",
    as_json: Json = False,
) -> None:
    """Let a voice say something, to hear whether it says it right."""
    import soundfile

    from mww_studio.constitution.articles import law
    from mww_studio.errors import StudioError
    from mww_studio.jobs.voices_listing import say_line

    with TerminalProgress() as progress:
        take = say_line(text, voice, language, progress)
    try:
        soundfile.write(out, take.pcm, law().frontend.sample_rate_hz, format="WAV", subtype="PCM_16")
    except (OSError, soundfile.LibsndfileError) as error:
        raise StudioError("voices.out", f"{out} cannot be written.", why=f"{error}.") from None
    data = {"voice": take.line.voice.label, "file": str(out), "licence": take.licence}
    show_result(as_json, data, f"{take.line.voice.label} says it in {out}.")


def synthesise(
    folder: ProjectFolder,
    takes: Annotated[int | None, typer.Option(help="How many wake words; the preset's if not given.", min=0)] = None,
    near: Annotated[int | None, typer.Option(help="How many near-sounding phrases.", min=0)] = None,
    sentences: Annotated[int | None, typer.Option(help="How many sentences.", min=0)] = None,
    engine: Annotated[list[str] | None, typer.Option(help="Only this engine; may be given several times.")] = None,
    respelling: Annotated[
        list[str] | None,
        typer.Option(help="Another spelling of the wake word, or IPA between slashes; may be given several times."),
    ] = None,
    preset: Annotated[str, typer.Option(help="The preset whose section “synthesis” counts, or a YAML file.")] = "",
    override: Annotated[Path | None, typer.Option(help="A YAML file laid over the preset.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what was stopped.")] = False,
    as_json: Json = False,
) -> None:
    """Let computer voices say the wake word, near-sounding phrases and sentences, as samples of a project."""
    from mww_studio.errors import StudioError
    from mww_studio.jobs.voices_adding import plan_voices, synthesise_into, unfinished_voices
    from mww_studio.presets import load_preset
    from mww_studio.project.store import Project

    counts = {"takes": takes, "near": near, "sentences": sentences}
    given = {name: count for name, count in counts.items() if count is not None}
    if resume and (given or engine or respelling or preset or override):
        raise typer.BadParameter("it goes on as it began; leave out everything else.", param_hint="--resume")
    with Project.open(folder) as project, TerminalProgress() as progress:
        if resume:
            spec = unfinished_voices(project)
            if spec is None:
                raise StudioError("voices.nothing", "There is nothing to go on with.", do="Leave out --resume.")
        else:
            settings = load_preset(preset or "standard", override).synthesis.model_copy(update=given)
            spec = plan_voices(
                project, settings, engines_only=engine or (), respellings=respelling or (), progress=progress
            )
        report = synthesise_into(project, spec, progress)
    show_result(as_json, report.summary(), report.describe())
    if report.unfinished:
        raise typer.Exit(130)
