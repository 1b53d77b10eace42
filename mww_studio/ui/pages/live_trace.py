"""The last seconds of a live test as a picture."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QWidget

from mww_studio.evaluation.live_session import Trace
from mww_studio.ui.kit.plots import LivePlot

SECONDS = 20.0
_NONE, _NEVER = np.zeros(0, np.float32), np.zeros(0, np.bool_)


class LiveTrace(LivePlot):
    """How sure the detector was over the last seconds, where it woke, and where it is deaf."""

    def __init__(self, parent: QWidget | None = None) -> None:
        text = QCoreApplication.translate
        super().__init__(
            text("LiveTrace", "How sure it is"),
            text("LiveTrace", "seconds before now"),
            text("LiveTrace", "how sure (%)"),
            SECONDS,
            parent,
        )
        self.clear_trace()

    def clear_trace(self) -> None:
        """Begin anew."""
        self._kept = Trace(_NONE, _NONE, _NONE, _NEVER, _NEVER)
        self.set_trace([], [], [])
        self.set_events([], [], "")
        self.describe(self.tr("Nothing was heard yet."))

    def add(self, new: Trace) -> None:
        """Remember what was heard since."""
        old = self._kept
        time_s = np.concatenate([old.time_s, new.time_s])
        recent = time_s > time_s.max(initial=0.0) - SECONDS
        self._kept = Trace(
            time_s[recent],
            np.concatenate([old.sure, new.sure])[recent],
            np.concatenate([old.probability, new.probability])[recent],
            np.concatenate([old.woke, new.woke])[recent],
            np.concatenate([old.deaf, new.deaf])[recent],
        )

    def draw(self) -> None:
        """Show what is remembered."""
        kept = self._kept
        if not len(kept.time_s):
            return
        ago_s = kept.time_s - kept.time_s[-1]
        self.set_trace(ago_s, 100 * kept.probability, 100 * kept.sure)
        self.set_events(list(ago_s[kept.woke]), _stretches(ago_s, kept.deaf), self.tr("woke"))

    def say_peak(self) -> None:
        """Renew the words for the picture; once a second is enough."""
        if len(self._kept.time_s):
            peak = QLocale().toString(round(100 * float(self._kept.sure.max())))
            said = self.tr("At most {peak} % sure in the last {seconds} seconds.")
            self.describe(said.format(peak=peak, seconds=round(SECONDS)))


def _stretches(times_s: npt.NDArray[np.float32], flags: npt.NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Where flags are set: from the first to the last time of each run."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(float(times_s[first]), float(times_s[last - 1])) for first, last in edges.reshape(-1, 2)]
