"""Which microphone hears, and how loud the room is: the two controls beside the page's title."""

from PySide6.QtCore import QObject, Qt, Signal

from mww_studio.audio.levels import Noise, RoomNoise
from mww_studio.errors import StudioError
from mww_studio.services.studio import Studio
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.fields import Combo
from mww_studio.ui.pages.record_words import room_text
from mww_studio.ui.theme import Theme


class MicrophoneControls(QObject):
    """A list of microphones that follows what is plugged in, and a button with the room's noise.

    The room is measured by itself when a microphone is opened for the first time. ``touched``: the person uses them;
    ``loud``: the room is.
    """

    touched = Signal()
    loud = Signal()

    def __init__(self, studio: Studio, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._measured = ""  # the microphone with which the room was measured
        self._disturbed = False
        self.room = Button(self.tr("Measure the room"), "quiet", "volume-1")
        self.room.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.room.clicked.connect(self._measure_again)
        self.choice = Combo()
        self.choice.setAccessibleName(self.tr("Microphone"))
        self.choice.setMaximumWidth(Theme.current().u(64))
        self.choice.activated.connect(self._choose)
        recorder = studio.recorder
        recorder.opened.connect(self._on_opened)
        recorder.trouble.connect(self._on_trouble)
        recorder.microphones_changed.connect(self._show)
        recorder.room.connect(self._on_room)
        self._show()

    def open(self) -> None:
        """Open the microphone that was chosen, or the system's."""
        self._studio.recorder.open(self._studio.settings.microphone)

    def disturb(self) -> None:
        """Somebody speaks: a measurement that is under way tells nothing about the room."""
        self._disturbed = True

    def _show(self) -> None:
        recorder, choice = self._studio.recorder, self.choice
        choice.clear()
        for microphone in recorder.microphones:
            choice.add(microphone.name, microphone.name)
        wanted = recorder.microphone or self._studio.settings.microphone
        default = next((microphone.name for microphone in recorder.microphones if microphone.default), "")
        if not choice.count():
            choice.add("", self.tr("No microphone") if recorder.error else self.tr("Looking…"))
        elif not choice.set_key(wanted) and recorder.error and wanted:
            choice.add(wanted, self.tr("{microphone} (not here)").format(microphone=wanted))
            choice.set_key(wanted)
        elif not choice.set_key(wanted):
            choice.set_key(default)
        choice.setEnabled(bool(recorder.microphones))

    def _choose(self) -> None:
        self.touched.emit()
        self._studio.settings.microphone = self.choice.key
        self.open()

    def _on_opened(self, name: str) -> None:
        self._show()
        self.room.set_reason("")
        if name != self._measured:
            self._measure()

    def _on_trouble(self, _error: StudioError) -> None:
        self._show()
        self._measured = ""
        self._show_room(self.tr("Measure the room"))
        self.room.set_reason(self.tr("There is no microphone."))

    def _measure_again(self) -> None:
        self.touched.emit()
        self._measure()

    def _measure(self) -> None:
        self._disturbed = False
        self._show_room(self.tr("Room: listening…"))
        self._studio.recorder.measure_room()

    def _on_room(self, measured: RoomNoise) -> None:
        if self._disturbed:
            self._show_room(self.tr("Measure the room"))
            return
        self._measured = self._studio.recorder.microphone
        self._show_room(room_text(measured.noise))
        self.room.set_icon("volume-2" if measured.noise is Noise.LOUD else "volume-1")
        if measured.noise is Noise.LOUD:
            self.loud.emit()

    def _show_room(self, text: str) -> None:
        self.room.setText(text)
        self.room.setAccessibleName(self.tr("{room}. Measure again").format(room=text) if self._measured else text)
        self.room.setToolTip(self.tr("Measures three seconds in which nobody speaks."))
