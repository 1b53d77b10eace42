"""What the doctor says in the window."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication

from mww_studio.esphome.doctor.findings import Finding, Severity
from mww_studio.jobs.doctor import Checkup, Mended

STATES = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.HINT: "info"}
"""The state whose icon a finding has."""


def verdict(checkup: Checkup) -> str:
    """How many findings of which kind there are."""
    errors, warnings, hints = (checkup.diagnosis.count(each) for each in Severity)
    if errors == 1:
        return _tr("1 thing keeps the wake word from working")
    if errors:
        return _tr("{count} things keep the wake word from working").format(count=errors)
    if warnings == 1:
        return _tr("Nothing keeps the wake word from working, but 1 thing is missing")
    if warnings:
        return _tr("Nothing keeps the wake word from working, but {count} things are missing").format(count=warnings)
    if hints:
        return _tr("Nothing stands in the way of the wake word")
    return _tr("Everything is in order")


def what_follows(checkup: Checkup) -> str:
    """What mending would do, in one sentence."""
    count, files = len(checkup.plan.mended), len(checkup.plan.changes)
    if not count:
        return _tr("None of it can be mended safely from here. What to do stands beside each.")
    if files > 1:
        text = _tr("Of what was found, {count} can be mended, in {files} files. Each is kept as it was, beside itself.")
        return text.format(count=count, files=files)
    text = _tr("Of what was found, {count} can be mended. The file as it was is kept beside it.")
    return text.format(count=count)


def severity(finding: Finding) -> str:
    """How bad it is, in a word."""
    return {
        Severity.ERROR: _tr("Keeps it from working"),
        Severity.WARNING: _tr("Missing"),
        Severity.HINT: _tr("Worth knowing"),
    }[finding.severity]


def place(finding: Finding) -> str:
    """Where it stands."""
    return _tr("{severity} · {file}, line {line}").format(
        severity=severity(finding), file=finding.place.shown, line=finding.place.line
    )


def mended(result: Mended, file: Path) -> tuple[str, str, str]:
    """The state, the title and the text of the message after mending."""
    kept = [backup.copy.name for backup in result.backups if backup.copy is not None]
    text = _tr("As it was, it is kept as {copies}.").format(copies=", ".join(kept))
    title = _tr("{file} is mended").format(file=file.name)
    if result.esphome is None:
        return "info", title, _tr("{kept} ESPHome could not be asked about it.").format(kept=text)
    if result.online and result.esphome:
        said = _tr("{kept} ESPHome could not judge it without the internet, from which parts of it come.")
        return "info", title, said.format(kept=text)
    if result.esphome:
        said = _tr("{kept} ESPHome still refuses it; what it says stands below.")
        return "warn", title, said.format(kept=text)
    return "ok", title, _tr("{kept} ESPHome accepts it.").format(kept=text)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Doctor", text)
