"""The command that looks through a person's own YAML."""

from pathlib import Path
from typing import Annotated

import typer

from mww_studio.commands.common import Json, show_result
from mww_studio.terminal import TerminalProgress


def doctor(
    file: Annotated[Path, typer.Argument(metavar="FILE.yaml", help="Your own configuration of ESPHome.")],
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended safely; a backup is kept.")] = False,
    as_json: Json = False,
) -> None:
    """Find what keeps the wake word from working in your own YAML, and show what would mend it."""
    from mww_studio.esphome.doctor.findings import Severity
    from mww_studio.jobs.doctor import check_up, describe, describe_mended, mend, summary

    checkup = check_up(file)
    data, text = summary(checkup), [describe(checkup)]
    text += [f"\n{diff.describe()}" for diff in checkup.diffs]
    left = checkup.diagnosis
    if fix and checkup.plan.changes:
        with TerminalProgress() as progress:
            mended = mend(checkup, progress=progress)
        left = checkup.plan.after
        data["mended"] = [one.code for one in mended.findings]
        data["backups"] = [str(backup.copy) for backup in mended.backups if backup.copy]
        data["esphome"] = mended.esphome
        text.append(f"\n{describe_mended(mended)}")
    elif checkup.plan.changes:
        text.append("\nNothing was changed. Add --fix to mend it.")
    show_result(as_json, data, "\n".join(text))
    if left.count(Severity.ERROR):
        raise typer.Exit(1)
