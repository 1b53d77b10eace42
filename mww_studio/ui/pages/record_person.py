"""The card on which somebody is added or changed; the first thing to see in a new project."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.errors import StudioError
from mww_studio.project.records import Person
from mww_studio.services.session import Session
from mww_studio.ui.errors import describe
from mww_studio.ui.kit.bars import Meter
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.choices import Segments
from mww_studio.ui.kit.dialogs import Answer, ask
from mww_studio.ui.kit.fields import Check, LineEdit, field
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.theme import Theme

_ADULT, _CHILD = "adult", "child"


class PersonForm(QWidget):
    """Name, adult or child, and consent; with a meter, so that the microphone is tried meanwhile."""

    saved = Signal()
    cancelled = Signal()
    delete_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self._person: Person | None = None
        self._first = True
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addStretch(1)
        middle = QHBoxLayout()
        middle.addStretch(1)
        self._card = Card(padding=6)
        self._card.setFixedWidth(u(130))
        middle.addWidget(self._card)
        middle.addStretch(1)
        outer.addLayout(middle)
        outer.addStretch(2)
        body = self._card.body
        body.setSpacing(u(2))
        self._title = Label(role="verdict", wrap=True)
        body.addWidget(self._title)
        self._trouble = Message("warn")
        self._trouble.hide()
        body.addWidget(self._trouble)
        self.name = LineEdit()
        self.name.setMaxLength(60)
        self.name.textChanged.connect(self._check)
        body.addLayout(field(self.tr("First &name or nickname"), self.name))
        body.addWidget(Label(self.tr("Voice")))
        self.voice = Segments([(_ADULT, self.tr("Adult")), (_CHILD, self.tr("Child"))], self.tr("Voice"))
        body.addWidget(self.voice)
        self.consent = Check(self.tr("They agree that these recordings are kept on this computer"))
        self.consent.toggled.connect(self._check)
        body.addWidget(self.consent)
        promise = self.tr(
            "For a child, a parent agrees. Nothing is sent anywhere. You can delete a person and all takes at any time."
        )
        body.addWidget(Caption(promise, wrap=True))
        self._ask = Label(self.tr("Is the microphone working? Say anything."), "strong")
        body.addWidget(self._ask)
        self.meter = Meter()
        body.addWidget(self.meter)
        self.save = Button(self.tr("Start recording"), "primary", "mic", big=True)
        self.save.clicked.connect(self._save)
        body.addWidget(self.save, 0, Qt.AlignmentFlag.AlignHCenter)
        reason = self.save.reason_label()
        reason.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        body.addWidget(reason)
        more = QHBoxLayout()
        self._cancel = Button(self.tr("Cancel"), "quiet")
        self._cancel.clicked.connect(self.cancelled)
        self._delete = Button(kind="danger", icon="trash-2")
        self._delete.clicked.connect(self.delete_asked)
        more.addWidget(self._delete)
        more.addStretch(1)
        more.addWidget(self._cancel)
        body.addLayout(more)
        self.name.returnPressed.connect(self._enter)
        self.add(first=True)

    @property
    def person(self) -> Person | None:
        """Who is changed; None: somebody is added."""
        return self._person

    @property
    def is_first(self) -> bool:
        """Whether it asks for the first person, which cannot be cancelled."""
        return self._first

    @property
    def child(self) -> bool:
        """Whether it is a child."""
        return self.voice.key == _CHILD

    def add(self, *, first: bool) -> None:
        """Ask for somebody new."""
        self._person, self._first = None, first
        self._title.setText(self.tr("Who speaks first?") if first else self.tr("Who else speaks?"))
        self.name.clear()
        self.voice.set_key(_ADULT)
        self.consent.setChecked(False)
        self.save.setText(self.tr("Start recording"))
        self.save.set_icon("mic")
        self._delete.hide()
        self._show()

    def change(self, person: Person) -> None:
        """Show somebody to change them."""
        self._person, self._first = person, False
        self._title.setText(self.tr("About {person}").format(person=person.name))
        self.name.setText(person.name)
        self.voice.set_key(_CHILD if person.child else _ADULT)
        self.consent.setChecked(person.consented_at is not None)
        self.save.setText(self.tr("Save"))
        self.save.set_icon("check")
        self._delete.setText(self.tr("Delete {person} and all takes…").format(person=person.name))
        self._delete.show()
        self._show()

    def store(self, session: Session) -> Person | None:
        """Add or change the person; None: it says why this does not do."""
        name = self.name.text()
        try:
            if self._person is None:
                return session.add_person(name, self.child, consent=True)
            person = self._person
            if " ".join(name.split()) != person.name:
                person = session.rename_person(person.name, name)
            return session.set_person(person.name, self.child, consent=True)
        except StudioError as error:
            said = describe(error)
            self._trouble.set("warn", said.title, said.text)
            self._trouble.show()
            return None

    def really_delete(self) -> bool:
        """Ask whether the person and all takes shall be gone for good."""
        name = self._person.name if self._person else ""
        answers = [
            Answer("delete", self.tr("Delete {person} for good").format(person=name), "danger"),
            Answer("keep", self.tr("Keep everything")),
        ]
        title = self.tr("Delete {person} and all takes?").format(person=name)
        text = self.tr("Every take of {person} is deleted from the disk. This cannot be undone.")
        return ask(self, title, text.format(person=name), answers) == "delete"

    def _show(self) -> None:
        adding = self._person is None
        self._ask.setVisible(adding)
        self.meter.setVisible(adding)
        self._cancel.setVisible(not self._first)
        self._trouble.hide()
        self._check()
        self.name.setFocus()

    def _check(self) -> None:
        self._trouble.hide()
        if not self.name.text().strip():
            self.save.set_reason(self.tr("Type a name first."))
        elif not self.consent.isChecked():
            self.save.set_reason(self.tr("Tick that they agree."))
        else:
            self.save.set_reason("")

    def _enter(self) -> None:
        if self.save.isEnabled():
            self._save()

    def _save(self) -> None:
        self.saved.emit()
