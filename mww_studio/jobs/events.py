"""What a job says while it runs: one JSON object a line."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True)


class PhaseStarted(_Event):
    """A phase of ``total`` steps begins (0: unknown)."""

    event: Literal["phase"] = "phase"
    name: str
    total: int


class Stepped(_Event):
    """``done`` steps of the phase are finished."""

    event: Literal["step"] = "step"
    done: int
    figures: dict[str, float | str]


class Logged(_Event):
    """A line for the log."""

    event: Literal["log"] = "log"
    text: str


class Succeeded(_Event):
    """The job is done; ``result`` says where its results are."""

    event: Literal["succeeded"] = "succeeded"
    result: dict[str, str]


class Failed(_Event):
    """The job ended early. ``code`` is stable; the rest is for people."""

    event: Literal["failed"] = "failed"
    code: str
    what: str
    why: str = ""
    do: str = ""


class WasCancelled(_Event):
    """The job stopped because it was asked to."""

    event: Literal["cancelled"] = "cancelled"


Event = PhaseStarted | Stepped | Logged | Succeeded | Failed | WasCancelled

EVENTS: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="event")])
