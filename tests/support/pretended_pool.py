"""A pool that trains nothing: what each training would be worth is said by a function of its spec."""

import shutil
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Self

from mww_studio.errors import StudioError
from mww_studio.evaluation.operating_point import OperatingPoint
from mww_studio.evaluation.scorecard import count_recall
from mww_studio.jobs.delivery import MODEL
from mww_studio.jobs.spec import write_spec
from mww_studio.jobs.tuning_records import Judged, TrialSpec, write_judged
from mww_studio.reference import official_model

Worth = Callable[[TrialSpec], float]


def point(*, detected: int = 10, clips: int = 10, high: float = 0.4, target: float = 0.3) -> OperatingPoint:
    """A cut-off that hears so many."""
    return OperatingPoint(
        cutoff=0.5,
        sliding_window_size=5,
        reached=True,
        target_per_hour=target,
        estimated_per_hour_high=high,
        false_accepts=0,
        hours=1.0,
        recall=count_recall(clips, detected),
        sentence="",
    )


class PretendedPool:
    """``then``: called with each folder before its training ends; may raise what would end everything."""

    def __init__(
        self,
        worth: Worth,
        slots: int = 1,
        then: Callable[[int], None] = lambda _: None,
        at: Callable[[TrialSpec], OperatingPoint] = lambda _: point(),
    ) -> None:
        self.slots = slots
        self.started: list[str] = []
        self._worth, self._then, self._at = worth, then, at

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def start(self, folder: Path, spec: TrialSpec) -> Future[dict[str, str]]:
        self.started.append(spec.key)
        self._then(len(self.started))
        folder.mkdir(parents=True, exist_ok=True)
        write_spec(spec, folder)
        future: Future[dict[str, str]] = Future()
        try:
            value = self._worth(spec)
        except StudioError as error:
            future.set_exception(error)
            return future
        shutil.copy(official_model("okay_nabu"), folder / MODEL)
        (folder / "checkpoint.npz").write_bytes(b"weights")
        write_judged(Judged(value=value, point=self._at(spec), noisy=None), folder)
        future.set_result({})
        return future
