"""What has to be known before voices are told apart: whose, and how many people they are."""

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QHBoxLayout, QWidget

from mww_studio.jobs.speakers import LEAST_CLIPS
from mww_studio.project.records import ClipKind
from mww_studio.services.speakers_works import KINDS, Unnamed
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.fields import Combo, label_for
from mww_studio.ui.kit.flow import FlowLayout
from mww_studio.ui.models.clip_words import kind_word
from mww_studio.ui.theme import Theme

_MOST_PEOPLE = 20


class AskCard(Card):
    """Asks for a kind of samples, where there is a choice, and for the number of people."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("Tell the voices apart"))
        u = Theme.current().u
        self._ground = Unnamed({}, ())
        self.kinds, self.people = Combo(), Combo()
        self.kinds.currentIndexChanged.connect(self._count)
        self.people.add("", self.tr("Nobody knows"))
        for count in range(1, _MOST_PEOPLE + 1):
            self.people.add(str(count), QLocale().toString(count))
        self._choice = QWidget()
        self._choice.hide()
        flow = FlowLayout()
        for place, label, combo in (
            (self._choice, self.tr("In which samples do they speak?"), self.kinds),
            (QWidget(), self.tr("How many people speak in them?"), self.people),
        ):
            row = QHBoxLayout(place)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(u(2))
            row.addWidget(label_for(label, combo))
            row.addWidget(combo)
            flow.addWidget(place)
        self.body.addLayout(flow)
        self.start_button = Button(self.tr("Find the voices"), "primary", "users", big=True)
        line = QHBoxLayout()
        line.addWidget(self.start_button)
        line.addStretch(1)
        self.body.addLayout(line)

    @property
    def kind(self) -> ClipKind:
        """In which samples the voices are."""
        return ClipKind(self.kinds.key) if self.kinds.key else ClipKind.WAKE_WORD

    @property
    def count(self) -> int | None:
        """How many people somebody said that there are."""
        return int(self.people.key) if self.people.key else None

    def offer(self, ground: Unnamed) -> None:
        """Offer the kinds of which there are enough; where that is the wake word alone, nothing is asked."""
        self._ground, chosen = ground, self.kinds.key
        offered = [kind for kind in KINDS if len(ground.of(kind)) >= LEAST_CLIPS]
        blocked = self.kinds.blockSignals(True)
        self.kinds.clear()
        for kind in offered:
            self.kinds.add(kind, kind_word(kind))
        self.kinds.set_key(chosen)
        self.kinds.blockSignals(blocked)
        self._choice.setVisible(bool(offered) and offered != [ClipKind.WAKE_WORD])
        self._count()

    def choose(self, kind: ClipKind) -> None:
        """Take the samples of this kind, if they are offered."""
        self.kinds.set_key(kind)

    def _count(self) -> None:
        takes, samples = self.tr("{count} takes have no person yet."), self.tr("{count} samples have no person yet.")
        count = QLocale().toString(len(self._ground.of(self.kind)))
        self.set_sentence((takes if self.kind is ClipKind.WAKE_WORD else samples).format(count=count))
