"""What the Record page says: how to speak, what became of a take, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QLocale

from mww_studio.errors import StudioError
from mww_studio.project.records import Style
from mww_studio.ui.errors import describe

_CONTEXT = "Record"
translate = QCoreApplication.translate
_NO_BREAK = "\N{NO-BREAK SPACE}"

_STYLES = {
    Style.NORMAL: QT_TRANSLATE_NOOP("Record", "Normal, near"),
    Style.FAR: QT_TRANSLATE_NOOP("Record", "Normal, far"),
    Style.QUIET: QT_TRANSLATE_NOOP("Record", "Quiet"),
    Style.LOUD: QT_TRANSLATE_NOOP("Record", "Loud"),
    Style.SLOW: QT_TRANSLATE_NOOP("Record", "Slow and calm"),
    Style.HURRIED: QT_TRANSLATE_NOOP("Record", "In a hurry"),
}
_PROMPTS = {
    Style.NORMAL: QT_TRANSLATE_NOOP("Record", "as you always talk, close by"),
    Style.FAR: QT_TRANSLATE_NOOP("Record", "as you always talk, three steps away"),
    Style.QUIET: QT_TRANSLATE_NOOP("Record", "quietly, as if somebody were asleep"),
    Style.LOUD: QT_TRANSLATE_NOOP("Record", "loudly, as if from the next room"),
    Style.SLOW: QT_TRANSLATE_NOOP("Record", "slowly and calmly, from where you are"),
    Style.HURRIED: QT_TRANSLATE_NOOP("Record", "in a hurry, as if you were leaving"),
}
_ICONS = {
    Style.NORMAL: "armchair",
    Style.FAR: "move-horizontal",
    Style.QUIET: "volume-1",
    Style.LOUD: "volume-2",
    Style.SLOW: "turtle",
    Style.HURRIED: "zap",
}
_ROOMS = {
    "quiet": QT_TRANSLATE_NOOP("Record", "Room: quiet"),
    "fair": QT_TRANSLATE_NOOP("Record", "Room: fair"),
    "loud": QT_TRANSLATE_NOOP("Record", "Room: loud"),
}
_FAULTS = {
    "clipped": (
        QT_TRANSLATE_NOOP("Record", "Too loud for the microphone"),
        QT_TRANSLATE_NOOP("Record", "Move back a little and say it again."),
    ),
    "too_quiet": (
        QT_TRANSLATE_NOOP("Record", "Too quiet"),
        QT_TRANSLATE_NOOP("Record", "Come closer, or say it a little louder."),
    ),
    "cut_start": (
        QT_TRANSLATE_NOOP("Record", "The beginning is missing"),
        QT_TRANSLATE_NOOP("Record", "Wait for “Say it now”, then speak."),
    ),
    "cut_end": (
        QT_TRANSLATE_NOOP("Record", "The end is missing"),
        QT_TRANSLATE_NOOP("Record", "Say it a little sooner."),
    ),
    "nothing": (
        QT_TRANSLATE_NOOP("Record", "Nothing heard"),
        QT_TRANSLATE_NOOP("Record", "Is this the right microphone? It is “{microphone}”."),
    ),
    "too_long": (
        QT_TRANSLATE_NOOP("Record", "That was more than the wake word"),
        QT_TRANSLATE_NOOP("Record", "Say only “{phrase}”."),
    ),
    "noisy": (
        QT_TRANSLATE_NOOP("Record", "There is noise behind it"),
        QT_TRANSLATE_NOOP("Record", "A few noisy takes help, this one may stay."),
    ),
    "overflow": (
        QT_TRANSLATE_NOOP("Record", "The computer lost a bit of sound"),
        QT_TRANSLATE_NOOP("Record", "That was not you. Once more, please."),
    ),
}
_HELP = {
    "clipped": QT_TRANSLATE_NOOP(
        "Record", "Twice in a row: turn the microphone down in the sound settings of the computer, or sit further away."
    ),
    "too_quiet": QT_TRANSLATE_NOOP(
        "Record", "Twice in a row: turn the microphone up in the sound settings of the computer, or sit closer."
    ),
    "cut_start": QT_TRANSLATE_NOOP("Record", "Twice in a row: wait until it says “Say it now”, then take one breath."),
    "cut_end": QT_TRANSLATE_NOOP("Record", "Twice in a row: speak as soon as it says “Say it now”."),
    "nothing": QT_TRANSLATE_NOOP(
        "Record", "Twice in a row: “{microphone}” may be muted. Choose another one at the top right, or unmute it."
    ),
    "too_long": QT_TRANSLATE_NOOP("Record", "Twice in a row: say “{phrase}” once, and nothing before or after it."),
    "noisy": QT_TRANSLATE_NOOP(
        "Record", "Twice in a row: close the window, turn off what hums or plays, or come closer to the microphone."
    ),
    "overflow": QT_TRANSLATE_NOOP("Record", "Twice in a row: the computer is too busy. Close what else is running."),
}
_KEEPABLE = ("clipped", "too_quiet", "too_long", "noisy")


class Action(StrEnum):
    """What can be done about an answer, in the order in which the buttons stand."""

    PLAY = "play"
    KEEP = "keep"
    TAKE_BACK = "take back"
    NEXT_PERSON = "next person"
    ADD_PERSON = "add person"
    TRAIN = "train"
    LOOK_AGAIN = "look again"
    OPEN_AGAIN = "open again"


@dataclass(frozen=True)
class Answer:
    """What the box under the wave says. ``kind``: "" or one of the kinds of a message."""

    kind: str
    title: str
    text: str
    actions: tuple[Action, ...] = ()

    @property
    def spoken(self) -> str:
        """For people who hear the screen."""
        stop = "" if self.title[-1:] in ("", ".", "…") else "."
        return f"{self.title}{stop} {self.text}".strip()


NOTHING = Answer("", "", "")
"""Before the first take."""


def style_word(style: Style) -> str:
    """A way of speaking in the list of what is left."""
    return translate(_CONTEXT, str(_STYLES[style]))


def style_prompt(style: Style) -> str:
    """How to say the next take."""
    return translate(_CONTEXT, str(_PROMPTS[style]))


def style_icon(style: Style) -> str:
    """The picture of a way of speaking."""
    return _ICONS[style]


def room_text(word: str) -> str:
    """How loud the room is: ``word`` is "quiet", "fair" or "loud"."""
    return translate(_CONTEXT, str(_ROOMS[word]))


def loud_room() -> Answer:
    """What to say before the first take where the room is loud."""
    return Answer(
        "warn",
        translate("Record", "The room is loud"),
        translate("Record", "Close the window, or turn off what hums or plays; else takes sound noisy."),
    )


def is_keepable(code: str) -> bool:
    """Whether a bad take can be kept all the same."""
    return code in _KEEPABLE


def kept(number: int, seconds: float, *, on_purpose: bool) -> Answer:
    """The answer to a take that counts."""
    length = QLocale().toString(seconds, "f", 1) + _NO_BREAK + "s"
    clear, doubtful = translate("Record", "Clear, {length}."), translate("Record", "Marked as doubtful, {length}.")
    text = doubtful if on_purpose else clear
    title = translate("Record", "Take {number} kept")
    return Answer(
        "ok",
        title.format(number=QLocale().toString(number)),
        text.format(length=length),
        (Action.PLAY, Action.TAKE_BACK),
    )


def fault(code: str, phrase: str, microphone: str, *, again: bool) -> Answer:
    """The answer to a take that does not count; ``again``: the one before it did not either."""
    title, advice = _FAULTS[code]
    if again:
        text = translate(_CONTEXT, str(_HELP[code]))
    else:
        text = translate("Record", "{advice} This take is not counted.").replace(
            "{advice}", translate(_CONTEXT, str(advice))
        )
    actions = (Action.PLAY, Action.KEEP) if is_keepable(code) else () if code == "nothing" else (Action.PLAY,)
    return Answer(
        "warn",
        translate(_CONTEXT, str(title)),
        text.replace("{phrase}", phrase).replace("{microphone}", microphone),
        actions,
    )


def taken_back(number: int | None) -> Answer:
    """The answer when take ``number`` (None: a long recording) was taken back."""
    text = translate("Record", "It waits in the trash of Samples.")
    if number is None:
        return Answer("", translate("Record", "The recording was taken back"), text)
    title = translate("Record", "Take {number} taken back")
    return Answer("", title.format(number=QLocale().toString(number)), text)


def long_kept(seconds: float, *, on_purpose: bool, speech: bool) -> Answer:
    """The answer to a long recording that counts."""
    if speech:
        title = translate("Record", "{length} of other talk kept")
    else:
        title = translate("Record", "{length} of room sound kept")
    clear = translate("Record", "This teaches the wake word what it is not.")
    text = translate("Record", "It is marked as doubtful.") if on_purpose else clear
    return Answer("ok", title.format(length=minutes_text(seconds)), text, (Action.PLAY, Action.TAKE_BACK))


def minutes_text(seconds: float) -> str:
    """A length with its unit: "52 s", "4:10 min"."""
    if round(seconds) < 60:
        return QLocale().toString(round(seconds)) + _NO_BREAK + "s"
    return seconds_text(seconds) + _NO_BREAK + "min"


def without_microphone(error: StudioError) -> Answer:
    """The answer while no microphone hears."""
    text = describe(error)
    action = Action.OPEN_AGAIN if error.code == "audio.stopped" else Action.LOOK_AGAIN
    return Answer("bad", text.title, f"{text.text} ({text.code})", (action,))


def not_written(error: StudioError) -> Answer:
    """The answer to a take that could not be written to the disk; keeping it tries again."""
    text = describe(error)
    return Answer("bad", text.title, f"{text.text} ({text.code})", (Action.PLAY, Action.KEEP))


def seconds_text(seconds: float) -> str:
    """A length as "0:42"."""
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02}"
