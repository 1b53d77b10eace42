"""Errors as a person reads them: what happened, why, what to do, and the code last; pages add buttons that cure."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from mww_studio.errors import StudioError


@dataclass(frozen=True)
class ErrorText:
    """An error in words."""

    code: str
    title: str
    text: str


_CODES = {
    "audio.no_microphone": "E-AUDIO-01",
    "audio.no_output": "E-AUDIO-02",
    "audio.busy": "E-AUDIO-03",
    "audio.stopped": "E-AUDIO-04",
    "audio.refused": "E-AUDIO-05",
    "audio.system": "E-AUDIO-06",
    "project.disk_full": "E-DISK-01",
    "project.in_use": "E-DISK-02",
    "project.damaged": "E-DISK-03",
    "project.not_writable": "E-DISK-04",
    "job.died": "E-TRAIN-01",
    "train.killed": "E-TRAIN-02",
    "flash.no_port": "E-FLASH-01",
    "flash.busy": "E-FLASH-02",
    "flash.boot": "E-FLASH-03",
    "flash.chip": "E-FLASH-04",
    "flash.password": "E-FLASH-05",
    "flash.no_room": "E-FLASH-06",
    "flash.no_answer": "E-FLASH-07",
    "flash.wifi": "E-FLASH-08",
    "flash.no_permission": "E-FLASH-09",
    "flash.compile": "E-FLASH-10",
    "flash.too_big": "E-FLASH-11",
    "flash.upload": "E-FLASH-12",
    "device.key": "E-DEVICE-01",
    "device.lost": "E-DEVICE-02",
    "net.offline": "E-NET-01",
}
"""The codes that people see, of the errors that they meet most."""

_ENDS = (".", "!", "?", ":", ";", ",", "…")


def describe(error: StudioError) -> ErrorText:
    """The error in words. What the error itself says wins where it knows more than this table."""
    code = _CODES.get(error.code, error.code)
    known = _known(error)
    if known is not None:
        title, text = known
        return ErrorText(code, title, text)
    return ErrorText(code, _without_dot(error.what), _joined(error.why, error.do))


def _known(error: StudioError) -> tuple[str, str] | None:
    """Errors that are said in the same words wherever they come from."""
    match error.code:
        case "audio.no_microphone":
            text = _tr("Plug one in; it is noticed by itself. Takes so far are safe.")
            return _tr("No microphone found"), text
        case "audio.busy":
            text = _tr("Close it there (often a call), or choose another one.")
            return _tr("Another program holds the microphone"), text
        case "audio.stopped":
            text = _tr("It was pulled out or fell asleep. The last take was not kept, all others are.")
            return _tr("The microphone stopped sending sound"), text
        case "project.disk_full":
            text = error.why if "GB" in error.why else _tr("Make room on it, then go on. Nothing was lost.")
            return _tr("The disk is full"), text
        case "train.killed":
            text = " ".join(part for part in (error.why, error.do) if part)
            return _tr("Training stopped by itself"), text
    return None


def _joined(why: str, do: str) -> str:
    """Both as they are read one after the other; what a program said may be lines, or end without a dot."""
    if not why or not do:
        return why or do
    if "\n" in why:
        return f"{why}\n{do}"
    return f"{why} {do}" if why.endswith(_ENDS) else f"{why}. {do}"


def _without_dot(sentence: str) -> str:
    return sentence[:-1] if sentence.endswith(".") and not sentence.endswith("..") else sentence


def _tr(text: str) -> str:
    return QCoreApplication.translate("Errors", text)
