"""Python's cyclic garbage, collected in the thread of the window alone.

Python collects in whichever thread happens to allocate next. What it finds may hold parts of the window, and Qt lets
only the window's own thread destroy those: in another one the program would crash.
"""

import gc

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS = 1000


class GarbageCollector(QObject):
    """Takes collecting over as long as it lives; :meth:`give_back` lets Python do it by itself again."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect the oldest generation for which it is time."""
        counts = gc.get_count()
        due = [generation for generation in range(3) if counts[generation] > self._thresholds[generation] > 0]
        if due:
            gc.collect(max(due))

    def give_back(self) -> None:
        """Let Python collect by itself again."""
        self._timer.stop()
        gc.enable()
