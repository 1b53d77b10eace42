"""The command that searches hours of sound for what wakes a finished wake word by mistake."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mww_studio.commands.common import Json, ProjectFolder, say, show_result, tell

if TYPE_CHECKING:
    from mww_studio.jobs.mining_record import Candidate, MiningRecord
    from mww_studio.project.store import Project


def mine(
    folder: ProjectFolder,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]...", help="Recordings without the wake word, and folders.")
    ] = None,
    run: Annotated[
        str | None, typer.Option(help="The run to listen with; the newest finished one if not given.")
    ] = None,
    own: Annotated[bool, typer.Option("--own", help="Also the project's own other talk and room sound.")] = False,
    soak: Annotated[
        bool, typer.Option("--soak", help="Also what woke it while the live test was left running.")
    ] = False,
    examining: Annotated[
        bool,
        typer.Option("--examining", help="Also own sounds that examine it; what is accepted from them changes sides."),
    ] = False,
    licence: Annotated[str, typer.Option(help="The licence of the recordings.")] = "",
    limit: Annotated[int | None, typer.Option(help="How many sounds to offer at most.", min=1)] = None,
    per_source: Annotated[int | None, typer.Option(help="How many of them from one recording.", min=1)] = None,
    list_: Annotated[bool, typer.Option("--list", help="List what was found and waits for a decision.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="With --list: what was decided, too.")] = False,
    accept: Annotated[
        str | None, typer.Option(metavar="IDS", help="Learn that these, such as 3,5-9 or all, are not the wake word.")
    ] = None,
    reject: Annotated[str | None, typer.Option(metavar="IDS", help="Never offer these again.")] = None,
    word: Annotated[str | None, typer.Option(metavar="IDS", help="These were the wake word: make them takes.")] = None,
    speaker: Annotated[str | None, typer.Option(help="With --word: who said it.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take back the last decision.")] = False,
    as_json: Json = False,
) -> None:
    """Search hours of sound for what wakes it by mistake; listen, accept, and train again."""
    from mww_studio.jobs.mining import mine as search
    from mww_studio.jobs.mining import plan_mining
    from mww_studio.jobs.mining_record import read_record
    from mww_studio.jobs.mining_sources import soak_folders
    from mww_studio.project.store import Project
    from mww_studio.terminal import TerminalProgress

    orders = [text for text in (accept, reject, word) if text is not None]
    searching = bool(paths or own or soak)
    if len(orders) + list_ + undo + searching > 1:
        raise typer.BadParameter("give either sounds to search, or one of --list, --accept, --reject, --word, --undo.")
    if speaker is not None and word is None:
        raise typer.BadParameter("only a take of the wake word has a speaker; give --word.", param_hint="--speaker")
    if list_:
        with Project.open(folder, read_only=True) as project:
            _show(read_record(project.folder), everything, as_json)
        return
    with Project.open(folder) as project:
        if orders or undo:
            _decide(project, accept, reject, word, speaker, as_json)
            return
        wanted = [*(paths or []), *(soak_folders(project) if soak else [])]
        spec = plan_mining(
            project,
            run,
            wanted,
            own=own,
            examining=examining,
            licence=licence,
            limit=limit,
            per_source=per_source,
        )
        with TerminalProgress() as progress:
            result = search(project, spec, progress)
        record = read_record(project.folder)
    if as_json:
        show_result(as_json, {**result.model_dump(mode="json", exclude={"found"}), **_rows(record.waiting())}, "")
        return
    say(result.describe())
    if result.found:
        _show(record, everything=False, as_json=False)


def _show(record: "MiningRecord", everything: bool, as_json: bool) -> None:
    from mww_studio.jobs.mining_decisions import describe_candidates

    shown = record.candidates if everything else record.waiting()
    show_result(as_json, _rows(shown), describe_candidates(shown))


def _rows(candidates: "list[Candidate] | tuple[Candidate, ...]") -> dict[str, object]:
    return {"candidates": [one.model_dump(mode="json", exclude={"sketch"}) for one in candidates]}


def _decide(
    project: "Project", accept: str | None, reject: str | None, word: str | None, speaker: str | None, as_json: bool
) -> None:
    """One decision, or without any the way back from the last one."""
    from mww_studio.jobs.mining_decisions import decide, describe_decision, numbers, undo_last
    from mww_studio.jobs.mining_record import State, read_record

    record = read_record(project.folder)
    orders = ((accept, State.ACCEPTED), (reject, State.REJECTED), (word, State.WORD))
    text, state = next(((text, state) for text, state in orders if text is not None), ("", State.WAITING))
    if text:
        ids = numbers(record, text, careful=state is State.ACCEPTED)
        before = decide(project, dict.fromkeys(ids, state), speaker=speaker)
    else:
        before = undo_last(project)
    record = read_record(project.folder)
    changed = [one for one in record.candidates if one.id in before]
    show_result(as_json, _rows(changed), describe_decision(before, record))
    doubtful = sum(one.maybe_word for one in record.waiting())
    if accept == "all" and doubtful:
        tell(f"{doubtful} may be the wake word and still wait: listen to them first.")
