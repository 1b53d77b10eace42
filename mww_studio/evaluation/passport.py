"""What a passport says of a model: where it runs and why, what it is made of, what it takes, how it decides."""

from enum import StrEnum

from mww_studio.constitution.articles import law
from mww_studio.constitution.verdicts import Outcome, Verdict
from mww_studio.evaluation.chips import ArenaNeed, Load
from mww_studio.evaluation.detector import cutoff_byte
from mww_studio.evaluation.model_facts import ModelFacts
from mww_studio.evaluation.scorecard import Figures


class Runs(StrEnum):
    """Whether a model runs somewhere."""

    YES = "yes"
    PERHAPS = "perhaps"
    NO = "no"


class Answer(Figures):
    """Whether a model runs on a device, and why."""

    device: str
    runs: Runs
    why: str


class Decision(Figures):
    """How the device decides, from the manifest. ``limit``: the sum of the last answers that must be exceeded.

    ``window_ms``: how much time the last answers span, None where the model is not known.
    """

    cutoff: float
    cutoff_byte: int
    window: int
    window_ms: int | None
    limit: int


def decision_of(cutoff: float, window: int, stride: int | None) -> Decision:
    """The decision rule with the numbers of a manifest; ``stride``: frames an answer."""
    byte = cutoff_byte(cutoff)
    span = None if stride is None else window * stride * law().frontend.step_ms
    return Decision(cutoff=cutoff, cutoff_byte=byte, window=window, window_ms=span, limit=byte * window)


class Memory(Figures):
    """The working memory. ``manifest_bytes``: asked for; ``measured_bytes``: what tflite-micro reports here;
    ``needs``: estimates for devices."""

    manifest_bytes: int | None
    measured_bytes: int | None
    needs: tuple[ArenaNeed, ...]


class Passport(Figures):
    """All that can be said of a model without hearing it. ``file``: what was asked about; ``tone``: ok, warn or bad.

    ``receptive_frames``: how many feature frames an answer depends on, ``receptive_ms`` how much sound that is. Texts
    that come from the files may say anything, but can be printed.
    """

    file: str
    title: str
    text: str
    tone: str
    answers: tuple[Answer, ...]
    wake_word: str | None
    author: str | None
    website: str | None
    languages: tuple[str, ...] | None
    minimum_esphome: str | None
    manifest: str | None
    model: str | None
    facts: ModelFacts | None
    decision: Decision | None
    memory: Memory
    loads: tuple[Load, ...]
    receptive_frames: int | None
    receptive_ms: int | None
    rules: tuple[Verdict, ...]

    @property
    def broken(self) -> tuple[Verdict, ...]:
        """The rules without which a device does not run it."""
        return tuple(rule for rule in self.rules if rule.outcome is Outcome.FAIL)


def heard_ms(frames: int) -> int:
    """How much sound so many feature frames are made of."""
    return law().frontend.window_ms + (frames - 1) * law().frontend.step_ms
