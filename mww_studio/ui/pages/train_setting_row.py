"""One setting of a preset in the form: what it does, what it may be, its value, and the way back to the preset's."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.fields import Check, Combo, LineEdit
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.pages import train_fields
from mww_studio.ui.pages.train_fields import Kind, Setting
from mww_studio.ui.pages.train_words import SETTINGS, choice_title, say
from mww_studio.ui.theme import Theme

_EDITOR_U = 60


class SettingRow(QWidget):
    """The right side of a form's row; :attr:`label` is the left one.

    ``edited`` gives the place of the setting and its new value, as :func:`train_fields.typed` reads it.
    """

    edited = Signal(object, object)

    def __init__(self, setting: Setting, value: object, default: object, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self.setting = setting
        self._default = default
        title, help_ = (say(text) for text in SETTINGS[setting.key])
        self.label = Label(title)
        self.label.setFixedHeight(u(9))  # as high as a field, whose first line it stands beside
        self._line: LineEdit | None = None
        self._combo: Combo | None = None
        self._check: Check | None = None
        editor = self._make_editor(title)
        editor.setMaximumWidth(u(_EDITOR_U))
        self.label.setBuddy(editor)
        self._reset = Button("", "quiet", "undo-2", name=self.tr("Reset “{title}”").format(title=title))
        self._reset.clicked.connect(self._go_back)
        self._reset.setSizePolicy(_keeping_its_place(self._reset))
        first = QHBoxLayout()
        first.setSpacing(u(1))
        first.addWidget(editor, 1)
        first.addWidget(self._reset)
        first.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, u(2))
        column.setSpacing(u(0.5))
        column.addLayout(first)
        self._problem = Caption(colour="bad", wrap=True)
        self._problem.hide()
        column.addWidget(self._problem)
        usual = self.tr("Usual: {value}.").format(value=self._words_for(default))
        column.addWidget(Caption(" ".join(filter(None, (help_, train_fields.bounds(setting), usual))), wrap=True))
        self._show(value)

    def set_problem(self, sentence: str) -> None:
        """Say why the value cannot be used; an empty sentence: it can."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))

    def _make_editor(self, title: str) -> QWidget:
        if self.setting.kind is Kind.SWITCH:
            self._check = Check(self.tr("On"))
            self._check.setAccessibleName(title)
            self._check.toggled.connect(self._switched)
            return self._check
        if self.setting.kind is Kind.CHOICE:
            self._combo = Combo()
            for choice in self.setting.choices:
                self._combo.addItem(choice_title(self.setting.key, choice or ""), choice)
            self._combo.setAccessibleName(title)
            self._combo.activated.connect(self._chosen)
            return self._combo
        self._line = LineEdit()
        self._line.setAccessibleName(title)
        self._line.textEdited.connect(self._typed)
        return self._line

    def _show(self, value: object) -> None:
        if self._check is not None:
            self._check.setChecked(bool(value))
        elif self._combo is not None:
            self._combo.setCurrentIndex(self._combo.findData(value))
        elif self._line is not None:
            self._line.setText(train_fields.shown(value))
        self._reset.setVisible(value != self._default)

    def _words_for(self, value: object) -> str:
        if self.setting.kind is Kind.SWITCH:
            return self.tr("on") if value else self.tr("off")
        if self.setting.kind is Kind.CHOICE:
            return choice_title(self.setting.key, "" if value is None else str(value))
        return train_fields.shown(value) or self.tr("empty")

    def _typed(self, text: str) -> None:
        self._changed_to(train_fields.typed(self.setting, text))

    def _chosen(self, index: int) -> None:
        if self._combo is not None:
            self._changed_to(self._combo.itemData(index))

    def _switched(self, on: bool) -> None:
        self._changed_to(on)

    def _go_back(self) -> None:
        self._show(self._default)
        self.edited.emit(self.setting.place, self._default)
        editor = self.label.buddy()
        if editor is not None:
            editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _changed_to(self, value: object) -> None:
        self._reset.setVisible(value != self._default)
        self.edited.emit(self.setting.place, value)


def _keeping_its_place(widget: QWidget) -> QSizePolicy:
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    return policy
