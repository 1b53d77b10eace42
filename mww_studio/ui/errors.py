"""Errors as a person reads them: what happened, why, what to do, the code last, and the buttons that cure."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from mww_studio.errors import StudioError


@dataclass(frozen=True)
class ErrorButton:
    """A button that cures. ``action``: what the page that shows the error does with it."""

    action: str
    text: str


@dataclass(frozen=True)
class ErrorText:
    """An error in words; at most two buttons, the likely cure first."""

    code: str
    title: str
    text: str
    buttons: tuple[ErrorButton, ...] = ()


LOOK_AGAIN, OPEN_AGAIN, TRY_AGAIN = "look_again", "open_again", "try_again"
OTHER_FOLDER, GO_ON, SHOW_LOG = "other_folder", "go_on", "show_log"
TYPE_ADDRESS, COPY_COMMAND, SAVE_FILES = "type_address", "copy_command", "save_files"

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
    "flash.no_answer": "E-FLASH-07",
    "flash.no_permission": "E-FLASH-09",
    "net.offline": "E-NET-01",
}
"""The codes that people see, of the errors that they meet most."""


def describe(error: StudioError) -> ErrorText:
    """The error in words. What the error itself says wins where it knows more than this table."""
    code = _CODES.get(error.code, error.code)
    known = _known(error)
    if known is not None:
        title, text, buttons = known
        return ErrorText(code, title, text, buttons)
    text = " ".join(part for part in (error.why, error.do) if part)
    return ErrorText(code, _without_dot(error.what), text, _buttons(error.code))


def _known(error: StudioError) -> tuple[str, str, tuple[ErrorButton, ...]] | None:
    """Errors that are said in the same words wherever they come from."""
    match error.code:
        case "audio.no_microphone":
            text = _tr("Plug one in; it is noticed by itself. Takes so far are safe.")
            return _tr("No microphone found"), text, _buttons(error.code)
        case "audio.busy":
            text = _tr("Close it there (often a call), or choose another one.")
            return _tr("Another program holds the microphone"), text, _buttons(error.code)
        case "audio.stopped":
            text = _tr("It was pulled out or fell asleep. The last take was not kept, all others are.")
            return _tr("The microphone stopped sending sound"), text, _buttons(error.code)
        case "project.disk_full":
            text = error.why if "GB" in error.why else _tr("Make room on it, then go on. Nothing was lost.")
            return _tr("The disk is full"), text, _buttons(error.code)
        case "train.killed":
            text = " ".join(part for part in (error.why, error.do) if part)
            return _tr("Training stopped by itself"), text, _buttons(error.code)
    return None


def _buttons(code: str) -> tuple[ErrorButton, ...]:
    look, again = ErrorButton(LOOK_AGAIN, _tr("Look again")), ErrorButton(TRY_AGAIN, _tr("Try again"))
    return {
        "audio.no_microphone": (look,),
        "audio.busy": (look,),
        "audio.stopped": (ErrorButton(OPEN_AGAIN, _tr("Open it again")),),
        "project.disk_full": (ErrorButton(OTHER_FOLDER, _tr("Choose another folder")), again),
        "train.killed": (
            ErrorButton(GO_ON, _tr("Go on with less memory")),
            ErrorButton(SHOW_LOG, _tr("Show log")),
        ),
        "job.died": (ErrorButton(GO_ON, _tr("Go on")), ErrorButton(SHOW_LOG, _tr("Show log"))),
        "flash.no_answer": (again, ErrorButton(TYPE_ADDRESS, _tr("Type the address…"))),
        "flash.no_permission": (ErrorButton(COPY_COMMAND, _tr("Copy")),),
        "net.offline": (ErrorButton(SAVE_FILES, _tr("Save the files…")),),
    }.get(code, ())


def _without_dot(sentence: str) -> str:
    return sentence[:-1] if sentence.endswith(".") and not sentence.endswith("..") else sentence


def _tr(text: str) -> str:
    return QCoreApplication.translate("Errors", text)
