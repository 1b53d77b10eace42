"""One voice that was found: how many takes, how sure, whom they sound like, and what a person can do about it."""

from collections.abc import Sequence

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from mww_studio.jobs.speakers import Member
from mww_studio.jobs.speakers_report import how_sure
from mww_studio.jobs.speakers_review import NOBODY, ReviewGroup
from mww_studio.project.records import MAX_NAME_CHARACTERS
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.fields import Combo
from mww_studio.ui.kit.flow import FlowLayout
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.theme import Theme

_TYPICAL = 3
_LISTED = 500


class TakeRow(QWidget):
    """One take out of several: choose it, hear it, put it somewhere else."""

    play_wanted = Signal(str)
    move_wanted = Signal(str, int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        flow = FlowLayout(self)
        self.takes = Combo()
        self.takes.setAccessibleName(self.tr("Takes of {name}").format(name=name))
        self.play_button = Button(
            self.tr("Play it"), icon="play", name=self.tr("Play the chosen take of {name}").format(name=name)
        )
        self.move_button = Button(
            self.tr("Put it elsewhere…"), name=self.tr("Put the chosen take of {name} elsewhere").format(name=name)
        )
        self._menu = QMenu(self)
        for widget in (self.takes, self.play_button, self.move_button):
            flow.addWidget(widget)
        self.play_button.clicked.connect(self._play)
        self.move_button.clicked.connect(self._open)
        self._menu.triggered.connect(self._chosen)

    def show_takes(self, takes: Sequence[tuple[str, str]]) -> None:
        """Offer takes, each given as (key, text)."""
        self.takes.clear()
        for key, text in takes[:_LISTED]:
            self.takes.add(key, text)

    def show_places(self, places: Sequence[tuple[int, str]]) -> None:
        """Offer places to put a take, each given as (number of the group, text)."""
        self._menu.clear()
        for number, text in places:
            action = QAction(text.replace("&", "&&"), self._menu)
            action.setData(number)
            self._menu.addAction(action)

    def _play(self) -> None:
        self.play_wanted.emit(self.takes.key)

    def _open(self) -> None:
        self._menu.popup(self.move_button.mapToGlobal(self.move_button.rect().bottomLeft()))

    def _chosen(self, action: QAction) -> None:
        self.move_wanted.emit(self.takes.key, int(action.data()))


class GroupCard(Card):
    """The card of a group; its signals carry the number of the group."""

    renamed = Signal(int, str)
    merge_wanted = Signal(int, int)
    split_wanted = Signal(int)
    play_wanted = Signal(str)
    move_wanted = Signal(str, int)

    def __init__(
        self, number: int, groups: Sequence[ReviewGroup], people: Sequence[str], parent: QWidget | None = None
    ) -> None:
        group = groups[number]
        super().__init__(parent=parent)
        self._number, self._group = number, group
        self._plays: dict[Button, str] = {}
        body = self.body
        if group.likely:
            body.addWidget(Caption(self.tr("Sounds like {person}.").format(person=group.likely), wrap=True))
        body.addWidget(self._who(people))
        self._row = TakeRow(self._spoken())
        self._row.show_takes([(one.key, self._take_text(one.key, one.sure)) for one in self._by_doubt()])
        self._row.play_wanted.connect(self.play_wanted)
        self._row.move_wanted.connect(self.move_wanted)
        body.addWidget(self._actions())
        self.show_groups(groups)

    def show_groups(self, groups: Sequence[ReviewGroup]) -> None:
        """The groups have these names now."""
        self._group = groups[self._number]
        self._say_title(self._group.name)
        others = [(number, one.name) for number, one in enumerate(groups) if number != self._number]
        self._row.show_places([*others, (NOBODY, self.tr("Nobody is sure"))])
        self._merge_menu.clear()
        for number, name in others:
            action = QAction(name.replace("&", "&&"), self._merge_menu)
            action.setData(number)
            self._merge_menu.addAction(action)
        self.merge_button.setEnabled(bool(others))

    def _say_title(self, name: str) -> None:
        count = len(self._group.members)
        one, many = self.tr("{name}: 1 take"), self.tr("{name}: {count} takes")
        name = name or self.tr("Without a name")
        text = one.format(name=name) if count == 1 else many.format(name=name, count=QLocale().toString(count))
        self.set_title(text)
        if self.header.count() < 2:
            words = {
                "clear": self.tr("The voice is clear"),
                "likely": self.tr("Likely one voice"),
                "doubtful": self.tr("Doubtful: listen to it"),
            }
            self.header.addWidget(Caption(words[how_sure(self._group.sure)]), 0, Qt.AlignmentFlag.AlignTop)

    def _spoken(self) -> str:
        return self._group.name or self.tr("group {number}").format(number=self._number + 1)

    def _who(self, people: Sequence[str]) -> QWidget:
        place = QWidget()
        flow = FlowLayout(place)
        field = QWidget()
        row = QHBoxLayout(field)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Theme.current().u(2))
        label = Label(self.tr("Who is it?"))
        self.who = Combo()
        self.who.setEditable(True)
        self.who.setInsertPolicy(Combo.InsertPolicy.NoInsert)
        for name in dict.fromkeys([self._group.name, *people]):
            self.who.add(name, name)
        self.who.setAccessibleName(self.tr("Who is {name}?").format(name=self._spoken()))
        line = self.who.lineEdit()
        if line is not None:
            line.setMaxLength(MAX_NAME_CHARACTERS)
            line.editingFinished.connect(self._rename)
        self.who.activated.connect(self._rename)
        label.setBuddy(self.who)
        row.addWidget(label)
        row.addWidget(self.who)
        flow.addWidget(field)
        for member in self._group.members[:_TYPICAL]:
            name = self.tr("Play take {take} of {name}").format(take=member.key, name=self._spoken())
            button = Button(self.tr("Take {take}").format(take=member.key), icon="play", name=name)
            button.setToolTip(name)
            button.clicked.connect(self._play)
            self._plays[button] = member.key
            flow.addWidget(button)
        return place

    def _actions(self) -> QWidget:
        place = QWidget()
        flow = FlowLayout(place)
        self.merge_button = Button(
            self.tr("Same person as…"),
            "quiet",
            "users",
            name=self.tr("{name} is the same person as…").format(name=self._spoken()),
        )
        self._merge_menu = QMenu(self)
        self.split_button = Button(
            self.tr("These are two people"),
            "quiet",
            "scissors",
            name=self.tr("Part {name} in two").format(name=self._spoken()),
        )
        self.split_button.setEnabled(len(self._group.members) > 1)
        for widget in (self._row, self.merge_button, self.split_button):
            flow.addWidget(widget)
        self.merge_button.clicked.connect(self._open_merge)
        self.split_button.clicked.connect(self._split)
        self._merge_menu.triggered.connect(self._merge)
        return place

    def _by_doubt(self) -> list[Member]:
        return sorted(self._group.members, key=lambda one: one.sure)

    def _take_text(self, key: str, sure: float) -> str:
        words = {"clear": self.tr("clear"), "likely": self.tr("likely"), "doubtful": self.tr("doubtful")}
        return self.tr("Take {take}, {sure}").format(take=key, sure=words[how_sure(sure)])

    def _rename(self) -> None:
        name = " ".join(self.who.currentText().split())
        if name != self._group.name:
            self.renamed.emit(self._number, name)

    def _play(self) -> None:
        button = self.sender()
        if isinstance(button, Button):
            self.play_wanted.emit(self._plays[button])

    def _open_merge(self) -> None:
        self._merge_menu.popup(self.merge_button.mapToGlobal(self.merge_button.rect().bottomLeft()))

    def _merge(self, action: QAction) -> None:
        self.merge_wanted.emit(self._number, int(action.data()))

    def _split(self) -> None:
        self.split_wanted.emit(self._number)
