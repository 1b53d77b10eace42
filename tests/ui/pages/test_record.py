import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from synthetic_speech import RATE, word
from virtual_microphone import PLAIN

from mww_studio.audio.files import read_audio
from mww_studio.audio.take_loop import TakeVerdict
from mww_studio.corpus.phrases import Nearness, NearPhrase
from mww_studio.errors import StudioError
from mww_studio.jobs.phrases import Edits
from mww_studio.progress import Progress
from mww_studio.project.records import ClipKind, Judgement, Style
from mww_studio.ui.main_window import MainWindow
from mww_studio.ui.pages.record import RecordPage
from mww_studio.ui.pages.record_loop import Moment
from mww_studio.ui.pages.record_talk import NEAR
from mww_studio.ui.pages.record_words import Action

FIRST_S, EVERY_S = 1.5, 3.0
PATIENCE_MS = 20_000


def words_said(gains, first_s=FIRST_S):
    """A quiet room in which a word is said now and then, each with a gain of its own."""
    rng = np.random.default_rng(3)
    sound = rng.normal(0, 8, round((first_s + EVERY_S * len(gains) + 60) * RATE))
    for number, gain in enumerate(gains):
        said = word(1, number).pcm * gain
        at = round((first_s + EVERY_S * number) * RATE)
        sound[at : at + len(said)] += said
    return np.clip(np.round(sound), -32768, 32767).astype(np.int16)


@pytest.fixture
def project(studio, tmp_path):
    return studio.create_project(tmp_path / "project", "kosita", "en", "Ben").project


@pytest.fixture
def people(project, studio):
    assert project is studio.session.project
    studio.session.add_person("Ben", child=False, consent=True)
    studio.session.add_person("Mia", child=True, consent=True)


@pytest.fixture
def make_without_people(studio, project, microphones, qtbot):
    """Opens the page with a microphone that hears ``sound``, and waits until it listens."""
    pages = []

    def made(sound=None, argument=""):
        microphones.say(PLAIN, words_said([]) if sound is None else sound)
        assert project is studio.session.project
        page = RecordPage(studio)
        qtbot.addWidget(page)
        page.resize(1070, 750)
        with qtbot.waitExposed(page):
            page.show()
        page.activateWindow()
        with qtbot.waitSignal(studio.recorder.opened, timeout=PATIENCE_MS):
            page.entered(argument)
        page.main_control().setFocus()
        pages.append(page)
        return page

    yield made
    for page in pages:
        page.left()


@pytest.fixture
def make(people, make_without_people):  # noqa: ARG001 - people come first
    return make_without_people


@pytest.fixture
def wait(qtbot):
    return lambda condition: qtbot.waitUntil(condition, timeout=PATIENCE_MS)


def press(page, key):
    QApplication.sendEvent(page.stage, QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier))


def is_part_of(pcm, whole):
    """Whether ``pcm`` stands somewhere in ``whole``, sample for sample."""
    places = np.flatnonzero(whole == pcm[0])
    return any(np.array_equal(whole[place : place + len(pcm)], pcm) for place in places)


@pytest.mark.usefixtures("people")
def test_space_before_the_microphone_is_open_waits_for_it(studio, project, microphones, wait, qtbot):
    microphones.say(PLAIN, words_said([1]))
    page = RecordPage(studio)
    qtbot.addWidget(page)
    page.show()
    page.entered("")
    takes = page.stage.takes
    press(page, Qt.Key.Key_Space)
    assert takes.moment is Moment.LISTENING
    assert "microphone opens" in takes.prompt
    wait(lambda: takes.reading.taken == 1)
    assert len(project.clips(ClipKind.WAKE_WORD)) == 1
    page.left()


def test_takes_follow_one_another_by_themselves_and_are_on_the_disk(make, project, wait):
    sound = words_said([1, 1, 1])
    page = make(sound)
    takes = page.stage.takes
    stored = []

    def look():
        if takes.moment is Moment.JUDGED:
            clips = project.clips(ClipKind.WAKE_WORD)
            stored.append(len([clip for clip in clips if (project.folder / clip.path).is_file()]))

    takes.changed.connect(look)
    press(page, Qt.Key.Key_Space)
    assert takes.moment is Moment.LISTENING
    assert takes.prompt == "Say it now"
    wait(lambda: takes.reading.taken == 2 and takes.moment is Moment.LISTENING)
    press(page, Qt.Key.Key_Space)
    assert takes.moment is Moment.READY
    assert stored == [1, 2]
    clips = project.clips(ClipKind.WAKE_WORD)
    assert [clip.speaker for clip in clips] == ["Ben", "Ben"]
    assert clips[0].style is Style.NORMAL
    assert clips[1].style is not clips[0].style
    for clip in clips:
        assert is_part_of(read_audio(project.folder / clip.path, Progress()), sound)
        assert clip.speech_end_s - clip.speech_start_s == pytest.approx(0.5, abs=0.25)
    assert page.people.cards[0].taken == 2


def test_the_button_records_too_and_waits_if_told_so(make, project, wait, qtbot):
    page = make(words_said([1, 1]))
    page.stage.by_itself.setChecked(False)
    qtbot.mouseClick(page.stage.main, Qt.MouseButton.LeftButton)
    assert page.stage.main.text() == "Stop"
    wait(lambda: page.stage.takes.moment is Moment.JUDGED)
    assert page.stage.takes.prompt == "Good. Next one"
    assert page.stage.answer.answer.title == "Take 1 kept"
    wait(lambda: page.stage.takes.moment is Moment.READY)
    assert page.stage.answer.answer.title == "Take 1 kept"
    assert page.stage.main.text() == "Record"
    assert len(project.clips()) == 1


def test_a_take_is_taken_back_and_another_one_asked_for(make, project, studio, wait):
    page = make(words_said([1]))
    press(page, Qt.Key.Key_Space)
    wait(lambda: page.stage.takes.moment is Moment.JUDGED)
    press(page, Qt.Key.Key_Backspace)
    assert page.stage.takes.moment is Moment.READY
    assert project.clips() == []
    assert len(project.clips(trashed=True)) == 1
    assert page.stage.answer.answer.title == "Take 1 taken back"
    assert page.people.cards[0].taken == 0
    studio.session.undo.undo()
    assert page.people.cards[0].taken == 1


def test_a_bad_take_is_not_counted_but_can_be_kept(make, project, wait):
    page = make(words_said([9]))
    press(page, Qt.Key.Key_Space)
    wait(lambda: page.stage.takes.moment is Moment.JUDGED)
    assert page.stage.takes.outcome.verdict is TakeVerdict.CLIPPED
    assert page.stage.answer.answer.title == "Too loud for the microphone"
    assert page.stage.answer.answer.text.endswith("This take is not counted.")
    assert page.stage.answer.button(Action.KEEP).isVisible()
    assert project.clips() == []
    press(page, Qt.Key.Key_K)
    (clip,) = project.clips()
    assert clip.judgement is Judgement.KEPT
    assert page.people.cards[0].taken == 1
    assert page.stage.answer.answer.text.startswith("Marked as doubtful")


def test_two_bad_takes_in_a_row_stop_it_and_say_what_helps(make, project, wait):
    page = make()
    takes = page.stage.takes
    press(page, Qt.Key.Key_Space)
    wait(lambda: takes.moment is Moment.JUDGED)
    assert takes.answer.title == "Nothing heard"
    assert takes.prompt == "Once more, please"
    wait(lambda: takes.moment is Moment.LISTENING)
    assert takes.answer.title == "Nothing heard"
    wait(lambda: takes.moment is Moment.READY)
    assert "Twice in a row" in takes.answer.text
    assert project.clips() == []


def test_whatever_else_the_person_does_pauses_it(make, qtbot):
    page = make(words_said([1, 1]))
    takes = page.stage.takes
    for act in (
        lambda: qtbot.keyClick(page.stage, Qt.Key.Key_X),
        lambda: qtbot.mouseClick(page.people, Qt.MouseButton.LeftButton),
        page.escape,
        lambda: press(page, Qt.Key.Key_S),
    ):
        press(page, Qt.Key.Key_Space)
        assert takes.moment is Moment.LISTENING
        act()
        assert takes.moment is Moment.READY
        assert takes.answer.title == "Stopped"


def test_a_held_key_counts_once(make):
    page = make()
    press(page, Qt.Key.Key_Space)
    held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ", True)
    QApplication.sendEvent(page.stage, held)
    assert page.stage.takes.moment is Moment.LISTENING


def test_the_word_never_moves(make, wait):
    page = make(words_said([1, 9]))
    takes, stage = page.stage.takes, page.stage
    stage.by_itself.setChecked(False)
    looks = {}

    def look(name):
        QApplication.processEvents()
        looks[name] = (stage.word.word.mapTo(page, stage.word.word.rect().topLeft()), stage.word.word.grab().toImage())

    look("ready")
    press(page, Qt.Key.Key_Space)
    look("listening")
    wait(lambda: takes.moment is Moment.JUDGED)
    look("good")
    press(page, Qt.Key.Key_Space)
    wait(lambda: takes.moment is Moment.JUDGED)
    assert not takes.outcome.good
    look("bad")
    page.studio.recorder.close()
    page._on_trouble(StudioError("audio.no_microphone", "There is no microphone."))
    look("no microphone")
    first = looks.pop("ready")
    assert all(look == first for look in looks.values())


def test_a_microphone_that_is_pulled_out_is_missed_and_comes_back(make, microphones, project, wait):
    page = make(words_said([1]))
    press(page, Qt.Key.Key_Space)
    wait(lambda: page.stage.takes.moment is Moment.JUDGED)
    microphones.unplug(PLAIN)
    wait(lambda: page.stage.takes.moment is Moment.NO_MICROPHONE)
    assert page.stage.takes.prompt == "Waiting for a microphone"
    assert page.stage.takes.answer.kind == "bad"
    assert "(E-AUDIO-0" in page.stage.takes.answer.text
    assert not page.stage.main.isEnabled()
    assert not page.microphone.room.isEnabled()
    assert len(project.clips()) == 1
    microphones.plug_in(PLAIN)
    page.microphone.open()
    wait(lambda: page.stage.takes.moment is Moment.READY)
    assert page.stage.main.isEnabled()


def test_the_room_is_measured_before_the_first_take(make, wait):
    page = make()
    assert page.microphone.room.text() == "Room: listening…"
    wait(lambda: page.microphone.room.text() == "Room: quiet")
    assert page.stage.answer.answer.title == "Ready when you are"


def test_a_loud_room_is_told_of_before_the_first_take(make, wait):
    rng = np.random.default_rng(1)
    page = make(rng.normal(0, 1500, 30 * RATE).astype(np.int16))
    wait(lambda: page.microphone.room.text() == "Room: loud")
    assert page.stage.answer.answer.title == "The room is loud"


def test_the_first_person_is_asked_for_and_agrees(make_without_people, project, qtbot):
    page = make_without_people()
    form = page.form
    assert page.main_control() is form.name
    assert form.save.accessibleDescription() == "Type a name first."
    qtbot.keyClicks(form.name, "Mia")
    assert form.save.accessibleDescription() == "Tick that they agree."
    form.voice.set_key("child")
    form.consent.setChecked(True)
    assert form.save.isEnabled()
    qtbot.mouseClick(form.save, Qt.MouseButton.LeftButton)
    (mia,) = project.people()
    assert (mia.name, mia.child) == ("Mia", True)
    assert mia.consented_at is not None
    assert page.main_control() is page.stage
    assert page.stage.takes.reading.speaker == "Mia"


def test_somebody_known_already_is_not_added_again(make, project, qtbot):
    page = make()
    page.people.add_asked.emit()
    page.form.name.setText("ben")
    page.form.consent.setChecked(True)
    qtbot.mouseClick(page.form.save, Qt.MouseButton.LeftButton)
    assert page.form._trouble.isVisible()
    assert len(project.people()) == 2
    assert page.escape()
    assert page.main_control() is page.stage


def test_somebody_is_renamed(make, project, qtbot):
    page = make()
    page.people.change_asked.emit()
    page.form.name.setText("Benjamin")
    qtbot.mouseClick(page.form.save, Qt.MouseButton.LeftButton)
    assert [person.name for person in project.people()] == ["Benjamin", "Mia"]
    assert page.stage.takes.reading.speaker == "Benjamin"


def test_who_speaks_is_chosen_by_card_key_list_and_argument(make, qtbot):
    page = make(argument="Mia")
    assert page.stage.takes.reading.speaker == "Mia"
    qtbot.mouseClick(page.people.cards[0], Qt.MouseButton.LeftButton)
    assert page.stage.takes.reading.speaker == "Ben"
    assert page.focusWidget() is page.stage
    press(page, Qt.Key.Key_N)
    assert page.stage.takes.reading.speaker == "Mia"
    page.stage.speakers.set_key("Ben")
    page.stage.speakers.activated.emit(page.stage.speakers.currentIndex())
    assert page.stage.takes.reading.speaker == "Ben"


def test_who_never_agreed_is_asked_first(make, project):
    project.set_person("Mia", child=True, consent=False)
    page = make()
    page.stage.speaker_chosen.emit("Mia")
    assert page.main_control() is page.form.name
    assert not page.form.save.isEnabled()


def test_a_passage_becomes_other_talk_of_its_reader(make, project, wait):
    page = make(words_said([1, 1, 1], first_s=0.5), argument=ClipKind.SPEECH)
    title = page.stage.long.task.title
    press(page, Qt.Key.Key_Space)
    wait(lambda: page.stage.long.elapsed_s > 4)
    press(page, Qt.Key.Key_Space)
    (clip,) = project.clips()
    assert (clip.kind, clip.speaker, clip.note) == (ClipKind.SPEECH, "Ben", title)
    assert clip.duration_s > 4
    assert (project.folder / clip.path).is_file()
    assert page.stage.answer.answer.title.endswith("of other talk kept")
    assert page.stage.long.task.title != title
    press(page, Qt.Key.Key_Backspace)
    assert project.clips() == []


def test_a_passage_that_was_hardly_begun_is_not_kept(make, project, wait):
    page = make(argument=ClipKind.SPEECH)
    press(page, Qt.Key.Key_Space)
    wait(lambda: page.stage.long.elapsed_s > 0.3)
    press(page, Qt.Key.Key_Space)
    assert page.stage.answer.answer.title == "Stopped"
    assert project.clips() == []


def test_room_sound_is_nobodys(make, project, wait):
    page = make(argument=ClipKind.AMBIENCE)
    assert page.stage.room._left.text() == "1:00"
    press(page, Qt.Key.Key_Space)
    wait(lambda: page.stage.long.elapsed_s > 3.2)
    assert page.stage.room._left.text() in ("0:57", "0:56")
    page.left()
    (clip,) = project.clips()
    assert (clip.kind, clip.speaker) == (ClipKind.AMBIENCE, None)


def test_phrases_that_sound_alike_are_read_as_such(make, project, studio, wait, monkeypatch):
    found = [NearPhrase(text, Nearness.WORD, 0.2) for text in ("cosima", "casita")]
    monkeypatch.setattr("mww_studio.jobs.phrases._found_for", lambda *_: tuple(found))
    page = make(words_said([1] * 8), argument=NEAR)
    wait(lambda: page.stage.takes.reading is not None)
    first = page.stage.takes.reading.phrase
    assert first == "cosima"
    page.stage.by_itself.setChecked(False)
    press(page, Qt.Key.Key_Space)
    wait(lambda: page.stage.takes.moment is Moment.READY)
    if not page.stage.takes.reading.taken:  # begun in the middle of a word
        press(page, Qt.Key.Key_Space)
        wait(lambda: page.stage.takes.moment is Moment.READY)
    (clip,) = project.clips()
    assert (clip.kind, clip.speaker, clip.style) == (ClipKind.NEAR, "Ben", None)
    assert clip.note == first
    assert page.stage.takes.reading.phrase != first
    studio.session.change_phrases(Edits(added=("rosita",)), "Add a phrase")
    wait(lambda: page.stage.takes.reading is not None)
    assert page.stage.takes.reading.phrase == "rosita"


def test_the_mark_walks_through_the_passage(make):
    page = make(argument=ClipKind.SPEECH)
    passage = page.stage.passage.passage
    passage.read(150)
    assert passage.line >= 1
    at = passage.line
    press(page, Qt.Key.Key_Down)
    assert passage.line == at + 1
    press(page, Qt.Key.Key_Up)
    press(page, Qt.Key.Key_Up)
    assert passage.line == at - 1


@pytest.mark.usefixtures("people", "microphones")
@pytest.mark.parametrize("size", [(1280, 800), (1024, 640)])
@pytest.mark.parametrize("mode", [ClipKind.WAKE_WORD, ClipKind.SPEECH, ClipKind.AMBIENCE])
def test_everything_is_in_sight_without_scrolling(studio, show, size, mode, qtbot):
    window = show(MainWindow(studio))
    window.go("record", mode)
    window.resize(*size)
    page = window.page
    assert isinstance(page, RecordPage)
    qtbot.waitUntil(lambda: page.content_minimum_width() <= page.viewport_width())
    qtbot.waitUntil(lambda: page.stage.main.visibleRegion().boundingRect() == page.stage.main.rect())
    window.go("start")
