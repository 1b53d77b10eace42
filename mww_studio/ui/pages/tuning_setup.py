"""What tuning should reach and how long it may take."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from mww_studio.jobs.tuning_records import PROVING_TAKES
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.fields import Combo, LineEdit, Spin, label_for
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.pages.results_words import hours_text
from mww_studio.ui.pages.train_numbers import when
from mww_studio.ui.pages.train_words import preset_title
from mww_studio.ui.pages.tuning_loading import Order, Start
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.jobs.tuning import Ground

_HOURS = 10
_FIELD_U = 60


class TuningSetup(Card):
    """Asks for goals and time; ``start_wanted`` carries an :class:`Order`."""

    start_wanted = Signal(object)
    record_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        u = Theme.current().u
        self._starts: tuple[Start, ...] = ()
        self.set_title(self.tr("What should it reach?"))
        self.runs = Combo()
        self.runs.activated.connect(self._show_start)
        self.mistakes = Spin(1, 100, 3)
        self.heard = Spin(50, 100, 95)
        self.minutes = Spin(5, 24 * 60, 60)
        self.address = LineEdit(placeholder="tcp://192.168.1.5:8786")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(u(3))
        self._grid.setVerticalSpacing(u(2))
        self._grid.setColumnStretch(2, 1)
        self._run_label = self._add(self.tr("Begin with"), self.runs, "")
        self._add(
            self.tr("Wakes by mistake"),
            self.mistakes,
            self.tr("times in {hours} hours at most").format(hours=_HOURS),
        )
        self._add(self.tr("Heard"), self.heard, self.tr("of 100 takes at least"))
        self._add(self.tr("Time allowed"), self.minutes, self.tr("minutes; what is being tried then comes to its end"))
        self._add(
            self.tr("Other computers"),
            self.address,
            self.tr("The address of a dask scheduler whose workers help. Empty: this computer alone."),
        )
        self.body.addLayout(self._grid)
        self._ground = Label(wrap=True)
        self._few = Caption(wrap=True)
        self.body.addSpacing(u(1))
        self.body.addWidget(self._ground)
        self.body.addWidget(self._few)
        self.start_button = Button(self.tr("Tune the wake word"), "primary", "sliders-horizontal", big=True)
        self.start_button.clicked.connect(self._start)
        ending = QHBoxLayout()
        ending.setSpacing(u(3))
        self.record_button = Button(self.tr("Record more"), "primary", "mic", big=True)
        self.record_button.clicked.connect(self.record_wanted)
        ending.addWidget(self.record_button)
        ending.addWidget(self.start_button)
        ending.addWidget(self.start_button.reason_label(), 1)
        ending.addStretch(1)
        self.body.addSpacing(u(1))
        self.body.addLayout(ending)

    def set_starts(self, starts: tuple[Start, ...]) -> None:
        """Offer these runs, with the goals that their presets have."""
        chosen, first = self.runs.key, not self._starts
        self._starts = starts
        self.runs.clear()
        for start in starts:
            text = self.tr("Run {number} · {preset} · trained {when}")
            self.runs.add(
                start.run.id,
                text.format(
                    number=start.number, preset=preset_title(start.run.preset), when=when(start.run.started_at)
                ),
            )
        self.runs.set_key(chosen)
        if first and starts:
            settings = starts[0].settings
            self.mistakes.setValue(round(_HOURS * settings.target_false_accepts_per_hour))
            self.heard.setValue(round(100 * settings.target_recall))
            self.minutes.setValue(round(settings.minutes))
        self._show_start()

    def order(self) -> Order:
        """What was asked for."""
        return Order(
            run_id=self.runs.key,
            per_hour=self.mistakes.value() / _HOURS,
            recall=self.heard.value() / 100,
            minutes=float(self.minutes.value()),
            address=self.address.text().strip(),
        )

    def _add(self, title: str, widget: QWidget, text: str) -> Label:
        label = label_for(title, widget)
        row = self._grid.rowCount()
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(widget, row, 1)
        if isinstance(widget, LineEdit | Combo):
            widget.setMinimumWidth(Theme.current().u(_FIELD_U))
        if text:
            self._grid.addWidget(Caption(text, wrap=True), row, 2, Qt.AlignmentFlag.AlignVCenter)
        return label

    def _show_start(self) -> None:
        start = next((one for one in self._starts if one.run.id == self.runs.key), None)
        if start is None:
            return
        ground, locale = start.ground, QLocale()
        text = self.tr(
            "{takes} takes and {time} of other sound, kept aside for choosing, decide which settings are better. The"
            " test takes are looked at once, at the end."
        )
        self._ground.setText(text.format(takes=locale.toString(ground.takes), time=hours_text(ground.other_s / 3600)))
        few = self.tr(
            "{needed} takes without a miss would prove 95 of 100, so with these the goal can be met, not proven."
        )
        self._few.setText(few.format(needed=PROVING_TAKES))
        problem = ground.problem
        self._few.setVisible(problem is None and ground.takes < PROVING_TAKES)
        self.start_button.setEnabled(problem is None)
        self.start_button.set_kind("primary" if problem is None else "normal")
        self.start_button.set_reason(self._too_little(ground) if problem else "")
        self.record_button.setVisible(problem is not None)

    def set_address(self, address: str) -> None:
        """Fill in the cluster that a tuning used before, where nothing else was typed."""
        if not self.address.text().strip():
            self.address.setText(address)

    def _too_little(self, ground: "Ground") -> str:
        from mww_studio.jobs.tuning import MIN_OTHER_S, MIN_TAKES

        locale = QLocale()
        if ground.takes < MIN_TAKES:
            text = self.tr(
                "Tuning needs {needed} takes kept aside for choosing: with fewer, one lucky take decides which settings"
                " win. Record more, then train again."
            )
            return text.format(needed=locale.toString(MIN_TAKES))
        text = self.tr(
            "Tuning needs {needed} minutes of other sound kept aside for choosing: less cannot tell wakes by mistake."
            " Add other talk and room sound, then train again."
        )
        return text.format(needed=locale.toString(round(MIN_OTHER_S / 60)))

    def _start(self) -> None:
        self.start_wanted.emit(self.order())
