"""What sounds like it: the phrases on which the device must stay quiet, for people to change and to read aloud."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from mww_studio.corpus.phonemizer import phonemizer_missing
from mww_studio.corpus.sentences import neighbour_words
from mww_studio.corpus.synthesis import Pcm
from mww_studio.errors import StudioError
from mww_studio.jobs.phrases import (
    MAX_CHARACTERS,
    Edits,
    Origin,
    ProjectPhrase,
    Said,
    phrases_of,
    times_said,
    with_added,
    with_removed,
    with_replaced,
)
from mww_studio.jobs.phrases_aloud import say_phrase
from mww_studio.project.store import Project
from mww_studio.services.session import Session
from mww_studio.services.studio import Studio
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.choices import Segments
from mww_studio.ui.kit.fields import LineEdit, field
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.kit.text import Caption
from mww_studio.ui.pages.phrases_bar import PhraseBar
from mww_studio.ui.pages.phrases_table import PhraseTable, PhraseTableModel
from mww_studio.ui.pages.record_talk import NEAR
from mww_studio.ui.room import Room
from mww_studio.ui.theme import Theme

_LIST_KEY, _CHANGE, _VOICE_KEY = "phrases.list", "phrases.change", "phrases.voice"
_USED, _REMOVED = "used", "removed"


@dataclass(frozen=True)
class _Listed:
    """What the page shows: every phrase with its count, by its text in lower case, and what the list cannot know."""

    phrases: Sequence[ProjectPhrase]
    said: Mapping[str, Said]
    guessed: bool
    has_words: bool


class PhrasesPage(Room):
    """A field for another phrase, the table, and a bar with what can be done."""

    key: ClassVar[str] = "phrases"
    icon: ClassVar[str] = "ear"
    under: ClassVar[str] = "samples"
    fills: ClassVar[bool] = True

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(studio, parent)
        u = Theme.current().u
        self._session: Session | None = None
        self._listed: _Listed | None = None
        self._wanted: tuple[str, ...] = ()  # to be chosen when the list is there again
        self._stale = True
        self._busy = False  # a change is being worked out
        self._coming = False  # a voice was asked for a phrase
        self.reset = Button(self.tr("Forget all changes"), "quiet", "rotate-ccw")
        self.reset.clicked.connect(self._reset)
        self.actions.insertWidget(0, self.reset)
        card = Card()
        card.set_filling()
        card.body.setSpacing(u(3))
        card.body.addLayout(self._head())
        self._remark = Caption(wrap=True)
        card.body.addWidget(self._remark)
        self.model = PhraseTableModel(self)
        self.table = PhraseTable(self.model)
        card.body.addWidget(self.table, 1)
        self.content.addWidget(card, 1)
        self.bar = PhraseBar()
        self.set_bar(self.bar)
        self._connect()

    def title(self) -> str:
        """The title."""
        return self.tr("What sounds like it")

    def sentence(self) -> str:
        """What it is about."""
        return self.tr("The device must stay quiet on these. Computer voices say them, and you can read them aloud.")

    def primary(self) -> Button | None:
        """Go and read them."""
        return self.bar.read

    def main_control(self) -> QWidget | None:
        """The table."""
        return self.table

    def entered(self, argument: str) -> None:  # noqa: ARG002 - it has none
        """Show the list as it is now."""
        self._use(self.studio.session)
        if self._stale:
            self._load()

    def left(self) -> None:
        """Stop talking."""
        self.studio.background.drop(_VOICE_KEY)
        self._coming = False
        self._show_sound()
        self.studio.player.stop()

    # The parts ------------------------------------------------------------------------------------------------------

    def _head(self) -> QHBoxLayout:
        u = Theme.current().u
        row = QHBoxLayout()
        row.setSpacing(u(2))
        self.text = LineEdit(placeholder=self.tr("Something that people say in your home"))
        self.text.setMaxLength(MAX_CHARACTERS)
        row.addLayout(field(self.tr("&Another phrase that must not wake it"), self.text), 1)
        self.add = Button(self.tr("Add"), "normal", "plus", name=self.tr("Add the phrase"))
        row.addWidget(self.add, 0, Qt.AlignmentFlag.AlignBottom)
        self.shown = Segments([(_USED, ""), (_REMOVED, "")], self.tr("Which phrases are shown"))
        row.addSpacing(u(2))
        row.addWidget(self.shown, 0, Qt.AlignmentFlag.AlignBottom)
        return row

    def _connect(self) -> None:
        self.text.textChanged.connect(self._allow)
        self.text.returnPressed.connect(self._add)
        self.add.clicked.connect(self._add)
        self.shown.chosen.connect(self._show)
        self.model.edited.connect(self._replace)
        self.table.choice_changed.connect(self._on_choice)
        self.table.listen_wanted.connect(self._listen)
        self.table.remove_wanted.connect(self._remove_or_restore)
        self.bar.listen_wanted.connect(self._listen)
        self.bar.change_wanted.connect(self.table.change_chosen)
        self.bar.remove_wanted.connect(self._remove_or_restore)
        self.bar.restore_wanted.connect(self._remove_or_restore)
        self.bar.read_wanted.connect(self._read_aloud)
        self.studio.player.playing.connect(self._show_sound)
        self.studio.session_opened.connect(self._use)

    # The list -------------------------------------------------------------------------------------------------------

    def _use(self, session: Session | None) -> None:
        if session is None or session is self._session:
            return
        self._session, self._listed, self._stale, self._busy = session, None, True, False
        self._wanted = ()
        session.phrases_changed.connect(self._renew)
        session.clips_changed.connect(self._renew)
        self.text.clear()
        self.shown.set_key(_USED)
        self._show()

    def _renew(self) -> None:
        """The list, or what was said of it, is another one."""
        self._stale = True
        if self.isVisible():
            self._load()

    def _load(self) -> None:
        session = self._session
        if session is None or session is not self.studio.session:
            return
        self._stale = False
        session.ask(_read, self._on_list, self._on_list_trouble, _LIST_KEY)
        self._show()

    def _on_list(self, listed: _Listed) -> None:
        self._listed = listed
        self.show_message(None)
        self._show()

    def _on_list_trouble(self, error: StudioError) -> None:
        self._stale = True
        message = self._complain(error)
        message.add_button(self.tr("Try again"), self._load)
        self._show()

    def _show(self) -> None:
        """Show what is there, as far as it is known."""
        listed = self._listed
        phrases = listed.phrases if listed else ()
        removed = [phrase for phrase in phrases if phrase.origin is Origin.REMOVED]
        used = [phrase for phrase in phrases if phrase.origin is not Origin.REMOVED]
        number = QLocale().toString
        self.shown.set_text(_USED, self.tr("In use ({count})").format(count=number(len(used))))
        self.shown.set_text(_REMOVED, self.tr("Taken away ({count})").format(count=number(len(removed))))
        self.model.can_edit = self._can_change and self.shown.key == _USED
        chosen = self._wanted or [phrase.text for phrase in self.table.chosen()]
        self.model.show_phrases(removed if self.shown.key == _REMOVED else used, listed.said if listed else {})
        self.table.choose(chosen)
        if self.table.chosen():
            self._wanted = ()
        self._remark.setText(self._remarks())
        self._remark.setVisible(bool(self._remark.text()))
        changed = bool(removed) or any(phrase.origin is Origin.ADDED for phrase in used)
        self.reset.set_reason("" if changed and self._can_change else self.tr("Nothing was changed."))
        self.bar.read.set_reason("" if used else self.tr("There is nothing to read."))
        self._allow()
        self._on_choice()

    def _remarks(self) -> str:
        if self._session is None:
            return ""
        if self._listed is None:
            if self._stale:
                return ""
            text = self.tr("Looking for phrases that sound like “{word}”. This takes a few seconds.")
            return text.format(word=self._session.info.wake_word)
        remarks = []
        if self._listed.guessed:
            remarks.append(self.tr("No phonemizer is installed, so the sounds are guessed from the letters."))
        if not self._listed.has_words:
            remarks.append(
                self.tr(
                    "The studio knows no list of words of this language, so these come from the wake word alone. "
                    "Add what people in your home say."
                )
            )
        if not self.model.phrases:
            remarks.append(self.tr("No phrases here."))
        return " ".join(remarks)

    @property
    def _can_change(self) -> bool:
        session = self._session
        return session is not None and self._listed is not None and not (self._busy or session.project.read_only)

    def _allow(self) -> None:
        typed = bool(self.text.text().strip())
        if self._session is not None and self._session.project.read_only:
            self.add.set_reason(self.tr("This project can only be looked at."))
        else:
            self.add.set_reason("" if typed and self._can_change else self.tr("Type a phrase first."))

    def _on_choice(self) -> None:
        removed = self.shown.key == _REMOVED
        self.bar.show_choice(len(self.table.chosen()), removed=removed, can_change=self._can_change)

    # What is changed ------------------------------------------------------------------------------------------------

    def _add(self) -> None:
        phrase = " ".join(self.text.text().split())
        if self.add.isEnabled() and phrase:
            text = self.tr("Add “{phrase}”").format(phrase=phrase)
            self._change(partial(with_added, texts=[phrase]), text, (phrase,))

    def _replace(self, old: str, new: str) -> None:
        text = self.tr("Change “{old}” to “{new}”").format(old=old, new=new)
        self._change(partial(with_replaced, old=old, new=new), text, (new,))

    def _remove_or_restore(self) -> None:
        chosen = [phrase.text for phrase in self.table.chosen()]
        if not chosen or not self._can_change:
            return
        names = {"phrase": chosen[0], "count": QLocale().toString(len(chosen))}
        if self.shown.key == _REMOVED:
            one, many = self.tr("Bring “{phrase}” back"), self.tr("Bring {count} phrases back")
            work: Callable[[Project], Edits] = partial(with_added, texts=chosen)
        else:
            one, many = self.tr("Take “{phrase}” away"), self.tr("Take {count} phrases away")
            work = partial(with_removed, texts=chosen)
        self._change(work, (one if len(chosen) == 1 else many).format(**names), ())

    def _reset(self) -> None:
        self._on_change(_Change(Edits(), self.tr("Forget all changes of the phrases"), ()))

    def _change(self, work: Callable[[Project], Edits], text: str, wanted: tuple[str, ...]) -> None:
        """Find out in another thread what the list would be, then use it; until then nothing else is changed."""
        if self._session is not None and self._can_change:
            self._busy = True
            self._session.ask(partial(_find_out, work, text, wanted), self._on_change, self._on_change_trouble, _CHANGE)
            self._show()

    def _on_change(self, change: "_Change") -> None:
        self._busy = False
        self.show_message(None)
        session = self._session
        if session is None or session is not self.studio.session:
            return
        self._wanted = change.wanted
        try:
            session.change_phrases(change.edits, change.text)
        except StudioError as error:
            self._on_change_trouble(error)
            return
        if change.wanted:
            self.text.clear()
            self.shown.set_key(_USED)
        else:
            self.studio.say(change.text, undo=True)

    def _on_change_trouble(self, error: StudioError) -> None:
        self._busy = False
        self._complain(error)
        self._show()

    def _complain(self, error: StudioError) -> Message:
        return self.show_error(error, "warn")

    # What is heard --------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        session = self._session
        if self.studio.player.is_playing:
            self.studio.player.stop()
        elif session is not None and len(self.table.chosen()) == 1 and not self._coming:
            (phrase,) = self.table.chosen()
            work = partial(say_phrase, phrase.text, phrase.ipa, session.info.language)
            self._coming = True
            self._show_sound()
            self.studio.background.run(work, self._on_said, self._on_voice_trouble, _VOICE_KEY)

    def _on_said(self, pcm: Pcm) -> None:
        self._coming = False
        self._show_sound()
        if self.isVisible():
            self.studio.player.play(pcm)

    def _show_sound(self) -> None:
        self.bar.show_sound(playing=self.studio.player.is_playing, coming=self._coming)

    def _on_voice_trouble(self, error: StudioError) -> None:
        self._coming = False
        self._show_sound()
        if self.isVisible():
            self._complain(error)

    def _read_aloud(self) -> None:
        self.navigate.emit("record", NEAR)


@dataclass(frozen=True)
class _Change:
    """Another list, the name of the change, and the phrases to be chosen then."""

    edits: Edits
    text: str
    wanted: tuple[str, ...]


def _find_out(work: Callable[[Project], Edits], text: str, wanted: tuple[str, ...], project: Project) -> _Change:
    return _Change(work(project), text, wanted)


def _read(project: Project) -> _Listed:
    phrases = phrases_of(project, removed=True)
    language = project.info.language
    return _Listed(phrases, times_said(project), bool(phonemizer_missing()), bool(neighbour_words(language)))
