"""What to search for mistakes: files and folders, what the live test kept, and the project's own sounds."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.fields import Check, Combo, label_for
from mww_studio.ui.kit.flow import FlowLayout
from mww_studio.ui.kit.text import Caption
from mww_studio.ui.pages.chosen_files import ChosenFiles
from mww_studio.ui.pages.mining_loading import Ground, Order
from mww_studio.ui.pages.results_words import hours_text
from mww_studio.ui.pages.train_numbers import when
from mww_studio.ui.pages.train_words import preset_title
from mww_studio.ui.theme import Theme


class SearchSetup(Card):
    """Asks what to listen to; ``search_wanted`` carries an :class:`Order`."""

    search_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("What should it listen to?"))
        self.set_sentence(
            self.tr(
                "Hours in which nobody says the wake word: talk, television, music, a recorder left on. What wakes it"
                " there, or nearly does, is what it should learn next."
            )
        )
        u = Theme.current().u
        self._paths: tuple[Path, ...] = ()
        self._files = ChosenFiles()
        self._files.chosen.connect(self.add_paths)
        self.files_button = Button(self.tr("Choose files…"), icon="file-plus")
        self.folder_button = Button(self.tr("Choose a folder…"), icon="folder-plus")
        self.forget_button = Button(self.tr("Choose others"), "quiet", "x")
        choosing = FlowLayout()
        for button in (self.files_button, self.folder_button, self.forget_button):
            choosing.addWidget(button)
        self.body.addSpacing(u(1))
        self.body.addWidget(self._files)
        self.body.addLayout(choosing)
        self.body.addSpacing(u(1))
        self.soak, self.own, self.examining = Check(""), Check(""), Check("")
        also = QVBoxLayout()
        also.setSpacing(u(1))
        for check in (self.soak, self.own, self.examining):
            also.addWidget(check)
            check.toggled.connect(self._show_choice)
        self._hint = Caption(
            self.tr("What you accept from these teaches from then on, and examines no more."), wrap=True
        )
        also.addWidget(self._hint)
        self.body.addLayout(also)
        self._runs = Combo()
        self._run_row = QWidget()
        row = QHBoxLayout(self._run_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(u(2))
        row.addWidget(label_for(self.tr("Listen with"), self._runs))
        row.addWidget(self._runs)
        row.addStretch(1)
        self.body.addWidget(self._run_row)
        self.search_button = Button(self.tr("Search for mistakes"), "primary", "search", big=True)
        ending = QHBoxLayout()
        ending.setSpacing(u(3))
        ending.addWidget(self.search_button)
        ending.addWidget(self.search_button.reason_label(), 1)
        ending.addStretch(1)
        self.body.addSpacing(u(1))
        self.body.addLayout(ending)
        self.files_button.clicked.connect(self._files.ask_for_files)
        self.folder_button.clicked.connect(self._files.ask_for_a_folder)
        self.forget_button.clicked.connect(self._forget)
        self.search_button.clicked.connect(self._search)
        self.set_paths(())

    def set_ground(self, ground: Ground) -> None:
        """Offer what there is."""
        locale = QLocale()
        one = self.tr("1 sound that woke it while the live test was left running")
        many = self.tr("{count} sounds that woke it while the live test was left running")
        self.soak.setText(one if ground.soak == 1 else many.format(count=locale.toString(ground.soak)))
        own = self.tr("Other talk and room sound of this project that teach it ({hours})")
        self.own.setText(own.format(hours=hours_text(ground.teaching_hours)))
        examining = self.tr("Also those that examine it ({hours})")
        self.examining.setText(examining.format(hours=hours_text(ground.examining_hours)))
        for check, there in (
            (self.soak, ground.soak),
            (self.own, ground.teaching_hours),
            (self.examining, ground.examining_hours),
        ):
            check.setVisible(bool(there))
            if not there:
                check.setChecked(False)
        chosen = self._runs.key
        self._runs.clear()
        for number, run in ground.runs:
            text = self.tr("Run {number} · {preset} · trained {when}")
            self._runs.add(
                run.id, text.format(number=number, preset=preset_title(run.preset), when=when(run.started_at))
            )
        self._runs.set_key(chosen)
        self._run_row.setVisible(len(ground.runs) > 1)
        self._show_choice()

    def set_paths(self, paths: Sequence[Path]) -> None:
        """Take these files and folders."""
        self._paths = tuple(dict.fromkeys(paths))
        self._show_choice()

    def add_paths(self, paths: Sequence[Path]) -> None:
        """Take these as well."""
        self.set_paths((*self._paths, *paths))

    def choose_soak(self) -> None:
        """Take what the live test kept."""
        self.soak.setChecked(True)

    def order(self) -> Order:
        """What was chosen."""
        return Order(
            self._paths,
            self.soak.isChecked(),
            self.own.isChecked(),
            self.examining.isChecked(),
            self._runs.key,
        )

    def _forget(self) -> None:
        self.set_paths(())

    def _show_choice(self) -> None:
        self._files.show_paths(self._paths)
        self.forget_button.setVisible(bool(self._paths))
        self._hint.setVisible(self.examining.isChecked())
        self.examining.setEnabled(self.own.isChecked() or bool(self._paths))
        anything = bool(self._paths) or self.soak.isChecked() or self.own.isChecked()
        self.search_button.set_reason("" if anything else self.tr("Choose files or a folder first."))

    def _search(self) -> None:
        self.search_wanted.emit(self.order())
