"""Before a training: whether everything is ready, how thorough it should be, and the button that begins it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mww_studio.presets import Preset, load_preset
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.choices import RadioCard
from mww_studio.ui.kit.columns import Columns
from mww_studio.ui.kit.rows import StatusRow
from mww_studio.ui.kit.text import H2, Caption
from mww_studio.ui.pages.train_fields import Checked
from mww_studio.ui.pages.train_settings import SettingsDrawer
from mww_studio.ui.pages.train_words import preset_sentence, preset_title, shown_presets
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.jobs.readiness import Ready

_GOOD = "standard"
_MINUTE_S = 60.0
_HOURS_FROM_MINUTES = 90


class ReadyRow(StatusRow):
    """One row of the list, with the button that leads to the page where it can be put right."""

    cure_wanted = Signal(str, str)

    def __init__(self, ready: "Ready", kind: str, parent: QWidget | None = None) -> None:
        text, _, sentence = ready.text.partition("\n")
        super().__init__(ready.state, text, sentence, parent)
        self._cure = ready.cure
        if ready.cure is not None:
            self.set_button(ready.cure.text, self._lead, kind)

    def _lead(self) -> None:
        if self._cure is not None:
            self.cure_wanted.emit(self._cure.page, self._cure.argument)


class ReadinessCard(Card):
    """What is ready and what is not, each row with at most one button that helps."""

    navigate = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("Ready to train?"))
        self._rows: list[ReadyRow] = []
        self.primary: Button | None = None

    def set_rows(self, rows: Sequence["Ready"]) -> None:
        """Show these rows. The cure of the first ``bad`` one is the page's filled button."""
        for old in self._rows:
            self.body.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._rows = []
        self.primary = None
        for ready in rows:
            first_bad = ready.state == "bad" and self.primary is None
            row = ReadyRow(ready, "primary" if first_bad else "normal")
            row.cure_wanted.connect(self.navigate)
            self.primary = row.button if first_bad else self.primary
            self._rows.append(row)
            self.body.addWidget(row)


class BeforeView(QWidget):
    """Readiness at the left, the choice and the main button at the right, all settings below on request.

    ``train_wanted`` carries the Preset; ``chosen`` says that another one was chosen, for which readiness may differ.
    """

    train_wanted = Signal(object)
    chosen = Signal()
    navigate = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(u(4))
        columns = Columns()
        column.addWidget(columns)
        self.readiness = ReadinessCard()
        self.readiness.navigate.connect(self.navigate)
        left = QWidget()
        hugging = QVBoxLayout(left)
        hugging.setContentsMargins(0, 0, 0, 0)
        hugging.addWidget(self.readiness)
        hugging.addStretch(1)
        columns.add(left, 3)
        columns.add(self._make_choice(), 2)
        self._drawer: SettingsDrawer | None = None
        self._problem = ""
        self._blocked = ""
        column.addStretch(1)
        self._column = column

    @property
    def preset(self) -> Preset:
        """What would be trained now; as it was chosen where the settings cannot be used."""
        checked = self._drawer.checked() if self._drawer is not None else None
        return checked.preset if checked is not None and checked.preset is not None else load_preset(self._name())

    @property
    def names(self) -> list[str]:
        """The presets to choose from."""
        return list(self._cards)

    def choose(self, name: str) -> None:
        """Choose the preset of this name, as a person would."""
        if name in self._cards:
            self._cards[name].setChecked(True)

    def set_expected(self, seconds: Mapping[str, float]) -> None:
        """Say how long each preset takes on this computer."""
        for name, expected_s in seconds.items():
            self._cards[name].set(preset_title(name), self._time(expected_s), preset_sentence(name))

    def set_ready(self, rows: Sequence["Ready"]) -> None:
        """Show whether everything is ready; a ``bad`` row switches the main button off."""
        self.readiness.set_rows(rows)
        bad = next((row for row in rows if row.state == "bad"), None)
        self._blocked = bad.text.partition("\n")[0] if bad else ""
        self._show_reason()

    def primary(self) -> Button | None:
        """The filled button."""
        return self.train if self.train.isEnabled() else self.readiness.primary

    def main_control(self) -> QWidget:
        """The chosen preset."""
        return self._cards[self._name()]

    def _make_choice(self) -> QWidget:
        u = Theme.current().u
        choice = QWidget()
        column = QVBoxLayout(choice)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(u(2))
        column.addWidget(H2(self.tr("How thorough?")))
        self._cards: dict[str, RadioCard] = {}
        for name in shown_presets():
            card = RadioCard(preset_title(name), "", preset_sentence(name))
            card.setChecked(name == _GOOD)
            card.toggled.connect(self._on_chosen)
            self._cards[name] = card
            column.addWidget(card)
        self._settings_button = Button(self.tr("All settings of this choice"), "quiet", "sliders-horizontal")
        self._settings_button.setCheckable(True)
        self._settings_button.toggled.connect(self._toggle_settings)
        column.addWidget(self._settings_button)
        self.train = Button(self.tr("Train the wake word"), "primary", "brain", big=True)
        self.train.clicked.connect(self._want)
        column.addWidget(self.train)
        column.addWidget(self.train.reason_label())
        column.addWidget(
            Caption(
                self.tr("Goes on in the background. You can keep recording, or close the program and go on later."),
                wrap=True,
            )
        )
        column.addStretch(1)
        return choice

    def _name(self) -> str:
        return next(name for name, card in self._cards.items() if card.isChecked())

    def _on_chosen(self, on: bool) -> None:
        if on:
            if self._drawer is not None:
                self._drawer.set_preset(load_preset(self._name()))
            self.chosen.emit()

    def _toggle_settings(self, shown: bool) -> None:
        if shown and self._drawer is None:
            self._drawer = SettingsDrawer(load_preset(self._name()))
            self._drawer.changed.connect(self._on_settings)
            self._column.insertWidget(1, self._drawer)
        if self._drawer is not None:
            self._drawer.setVisible(shown)

    def _on_settings(self, checked: Checked) -> None:
        count = len(checked.problems)
        many = self.tr("{count} settings cannot be used.").format(count=count)
        self._problem = "" if not count else self.tr("One setting cannot be used.") if count == 1 else many
        self._show_reason()

    def _show_reason(self) -> None:
        self.train.set_reason(self._blocked or self._problem)

    def _want(self) -> None:
        self.train_wanted.emit(self.preset)

    def _time(self, expected_s: float) -> str:
        minutes = round(expected_s / _MINUTE_S)
        if minutes < 2:
            return self.tr("About a minute on this computer")
        if minutes < _HOURS_FROM_MINUTES:
            return self.tr("About {minutes} minutes on this computer").format(minutes=minutes)
        return self.tr("About {hours} hours on this computer").format(hours=max(round(minutes / 60), 2))
