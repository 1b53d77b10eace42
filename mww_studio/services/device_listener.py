"""A device that is listened to, for the window: a thread holds the connection, this says what comes of it."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QThread, Signal

from mww_studio.errors import StudioError
from mww_studio.esphome.device_api import API_PORT, Online, Woke, Words
from mww_studio.jobs.device import DeviceLink
from mww_studio.services.background import crashed


class DeviceListener(QObject):
    """One connection at a time. No method waits for a device.

    It is a thread and not a child process, because a person chooses words while it goes on. ``online`` (Online): the
    device answered. ``words`` (Words): other ones are on. ``woke`` (Woke): it heard one. ``refused`` (StudioError): a
    choice was not taken. ``ended`` (StudioError or None): there is no connection any more, or there never was.
    """

    online = Signal(object)
    words = Signal(object)
    woke = Signal(object)
    refused = Signal(object)
    ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._line: _Line | None = None
        self._leaving: list[_Line] = []

    @property
    def running(self) -> bool:
        """Whether there is a connection, or about to be."""
        return self._line is not None

    def connect_to(self, address: str, key: str = "", port: int = API_PORT) -> None:
        """Connect to a device until :meth:`leave`."""
        self.leave()
        line = _Line(DeviceLink(address, key, port), self)
        self._line = line
        line.told.connect(self._on_told)
        line.failed.connect(self._on_failed)
        line.finished.connect(self._on_finished)
        line.start()

    def choose(self, ids: Sequence[str]) -> None:
        """Let the device listen for these words alone; ``words`` or ``refused`` says what came of it."""
        if self._line is not None:
            self._line.link.choose(ids)

    def leave(self) -> None:
        """End the connection; ``ended`` comes at once."""
        line, self._line = self._line, None
        if line is not None:
            line.link.leave()
            self._leaving.append(line)
            self.ended.emit(None)

    def shut_down(self) -> None:
        """Leave, and wait for the threads: the last call before the program ends."""
        self.leave()
        for line in self._leaving:
            line.wait()
        self._leaving.clear()

    def _on_told(self, line: "_Line", event: object) -> None:
        if line is not self._line:
            return
        if isinstance(event, Online):
            self.online.emit(event)
        elif isinstance(event, Words):
            self.words.emit(event)
        elif isinstance(event, Woke):
            self.woke.emit(event)
        elif isinstance(event, StudioError):
            self.refused.emit(event)

    def _on_failed(self, line: "_Line", error: StudioError) -> None:
        if line is self._line:
            self._line = None
            self._leaving.append(line)
            self.ended.emit(error)

    def _on_finished(self) -> None:
        gone = [line for line in self._leaving if line.isFinished()]
        self._leaving = [line for line in self._leaving if line not in gone]
        for line in gone:
            line.deleteLater()


class _Line(QThread):
    """The thread of one connection. Its signals carry itself, so that what a former one said late is not mixed up."""

    told = Signal(object, object)
    failed = Signal(object, object)

    def __init__(self, link: DeviceLink, parent: QObject) -> None:
        super().__init__(parent)
        self.link = link

    def run(self) -> None:
        """Listen until asked to leave."""
        try:
            self.link.run(self._tell, self._tell)
        except StudioError as error:
            self.failed.emit(self, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the person must hear of it
            self.failed.emit(self, crashed(error))

    def _tell(self, event: object) -> None:
        self.told.emit(self, event)
