"""All settings of a preset as a form, made from the preset's own classes: the drawer of the Train page."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.presets import Preset
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.pages import train_fields
from mww_studio.ui.pages.train_fields import Checked, Kind, Place, Setting, Values
from mww_studio.ui.pages.train_setting_row import SettingRow
from mww_studio.ui.pages.train_words import CHANGED, ENTRIES, SECTIONS, preset_title, say
from mww_studio.ui.theme import Theme


class SettingsDrawer(Card):
    """Every setting of a preset, in parts that open. ``changed`` follows every edit, with what the form comes to."""

    changed = Signal(object)

    def __init__(self, preset: Preset, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        u = Theme.current().u
        self._preset = preset
        self._defaults: Values = {}
        self._values: Values = {}
        self._checked = Checked(preset, ())
        self._parts: list[_Part] = []
        self._reset = Button(self.tr("Reset all"), "quiet", "undo-2")
        self._reset.clicked.connect(self._reset_all)
        self.header.addWidget(self._reset, 0, Qt.AlignmentFlag.AlignTop)
        self._problem = Label(colour="bad", wrap=True)
        self._problem.hide()
        self.body.addWidget(self._problem)
        self._list = QVBoxLayout()
        self._list.setSpacing(u(1))
        self.body.addLayout(self._list)
        self.set_preset(preset)

    def set_preset(self, preset: Preset) -> None:
        """Begin again with another preset; changes are lost."""
        self._preset = preset
        self._defaults = train_fields.editable(preset)
        self._values = train_fields.editable(preset)
        self.set_title(self.tr("All settings of “{preset}”").format(preset=preset_title(preset.name)))
        self.set_sentence(self.tr("The usual values are good. A changed one counts for the next training only."))
        for part in self._parts:
            self._list.removeWidget(part)
            part.hide()
            part.deleteLater()
        classes = train_fields.sections()
        self._parts = [_Part(self, name) for name in SECTIONS if name in classes]
        for part in self._parts:
            self._list.addWidget(part)
        self._check()

    def checked(self) -> Checked:
        """What the form comes to now."""
        return self._checked

    def value(self, place: Place) -> object:
        """The present value at a place."""
        return train_fields.value_at(self._values, place)

    def default(self, place: Place) -> object:
        """The preset's own value at a place; for an entry that was added, that of the last one."""
        held: object = self._defaults
        for part in place:
            if isinstance(held, list) and isinstance(part, int):
                held = held[min(part, len(held) - 1)]
            elif isinstance(held, dict):
                held = held[part]
        return held

    def change(self, place: Place, value: object) -> None:
        """Put another value at a place, as an edit does."""
        self._values = train_fields.with_value(self._values, place, value)
        self._check()

    def differences(self, section: str) -> int:
        """How many settings of a part differ from the preset's."""
        return _differences(self._values[section], self._defaults[section])

    def _check(self) -> None:
        changed = self._values != self._defaults
        name = self._preset.name + (CHANGED if changed else "")
        self._checked = train_fields.check(self._values, name)
        problems = self._checked.problems
        whole = " ".join(one.sentence for one in problems if not one.place)
        self._problem.setText(whole)
        self._problem.setVisible(bool(whole))
        self._reset.setVisible(changed)
        for part in self._parts:
            part.follow(self._checked)
        self.changed.emit(self._checked)

    def _reset_all(self) -> None:
        self.set_preset(self._preset)


class _Part(QWidget):
    """One part: a head that opens it, and a form that is built when it is opened first."""

    def __init__(self, drawer: SettingsDrawer, section: str) -> None:
        super().__init__(drawer)
        u = Theme.current().u
        self._drawer, self._section = drawer, section
        self._rows: list[SettingRow] = []
        self._body: QWidget | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setSpacing(u(2))
        self._column = column
        self._open = Button(say(SECTIONS[section]), "quiet", "chevron-right")
        self._open.setCheckable(True)
        self._open.toggled.connect(self._toggle)
        self._note = Caption()
        head.addWidget(self._open)
        head.addWidget(self._note)
        head.addStretch(1)
        column.addLayout(head)

    def follow(self, checked: Checked) -> None:
        """Show how many settings are changed, and the problems of this part beside their causes."""
        mine = [one for one in checked.problems if one.place[:1] == (self._section,)]
        changed = self._drawer.differences(self._section)
        if mine:
            self._note.setText(self.tr("{count} to mend").format(count=len(mine)))
        else:
            self._note.setText(self.tr("{count} changed").format(count=changed) if changed else "")
        self._note.set_colour("bad" if mine else "text2")
        named = {row.setting.place for row in self._rows}
        for row in self._rows:
            row.set_problem(" ".join(one.sentence for one in mine if one.place == row.setting.place))
        rest = [one.sentence for one in mine if one.place not in named]
        self._note.setToolTip(" ".join(rest))
        if rest:
            self._note.setText(" ".join(rest))

    def _toggle(self, opened: bool) -> None:
        self._open.set_icon("chevron-down" if opened else "chevron-right")
        if opened and self._body is None:
            self._build()
        if self._body is not None:
            self._body.setVisible(opened)

    def _build(self) -> None:
        if self._body is not None:
            self._body.hide()
            self._body.deleteLater()
        u = Theme.current().u
        self._rows = []
        self._body = QWidget()
        form = QFormLayout(self._body)
        form.setContentsMargins(u(8), u(1), 0, u(2))
        form.setHorizontalSpacing(u(4))
        form.setVerticalSpacing(u(1))
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        for setting in train_fields.settings(train_fields.sections()[self._section], (self._section,)):
            if setting.kind is Kind.ENTRIES:
                self._add_entries(form, setting)
            else:
                self._add_row(form, setting)
        self._column.addWidget(self._body)
        self.follow(self._drawer.checked())

    def _add_row(self, form: QFormLayout, setting: Setting) -> None:
        row = SettingRow(setting, self._drawer.value(setting.place), self._drawer.default(setting.place))
        row.edited.connect(self._drawer.change)
        self._rows.append(row)
        form.addRow(row.label, row)

    def _add_entries(self, form: QFormLayout, setting: Setting) -> None:
        assert setting.entry is not None  # noqa: S101 - settings of this kind have one
        entries = self._drawer.value(setting.place)
        count = len(entries) if isinstance(entries, list) else 0
        for number in range(count):
            place = (*setting.place, number)
            head = QHBoxLayout()
            title = say(ENTRIES[setting.key]).format(number=number + 1)
            head.addWidget(Label(title, "strong"))
            head.addStretch(1)
            head.addWidget(_EntryButton(self, place, "trash-2", self.tr("Remove"), title, possible=count > 1))
            form.addRow(head)
            for inner in train_fields.settings(setting.entry, place):
                self._add_row(form, inner)
        title = say(ENTRIES[setting.key]).format(number=count + 1)
        add = _EntryButton(self, (*setting.place, count), "plus", self.tr("Add"), title, possible=True)
        row = QHBoxLayout()
        row.addWidget(add)
        row.addStretch(1)
        form.addRow(row)

    def put_entry(self, place: Place) -> None:
        """Add a copy of the last entry, or take away the one at ``place``, and show the part anew."""
        entries = self._drawer.value(place[:-1])
        number = place[-1]
        assert isinstance(entries, list)  # noqa: S101 - only lists have entries
        assert isinstance(number, int)  # noqa: S101 - and their places are numbers
        more = [*entries, entries[-1]] if number == len(entries) else entries[:number] + entries[number + 1 :]
        self._drawer.change(place[:-1], more)
        self._build()


class _EntryButton(Button):
    """Adds or removes an entry; it knows which."""

    def __init__(self, part: _Part, place: Place, icon: str, verb: str, title: str, *, possible: bool) -> None:
        super().__init__(verb, "quiet", icon, name=f"{verb}: {title}")
        self._part, self._place = part, place
        self.setEnabled(possible)
        self.clicked.connect(self._act)

    def _act(self) -> None:
        self._part.put_entry(self._place)


def _differences(one: object, other: object) -> int:
    if isinstance(one, dict) and isinstance(other, dict):
        return sum(_differences(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list) and one and isinstance(one[0], dict):
        extra = abs(len(one) - len(other))
        return extra + sum(_differences(left, right) for left, right in zip(one, other, strict=False))
    return int(one != other)
