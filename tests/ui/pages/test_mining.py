"""The search for mistakes: what is asked, how it goes, and what is decided about what was found."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mined_project import add_run, make_recordings
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from pytestqt.qtbot import QtBot
from synthetic_speech import talk

from mww_studio.audio.files import Pcm, write_wav
from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs.mining import MiningSpec, do_job
from mww_studio.jobs.mining_record import Candidate, MiningRecord, Scan, State, read_record, sound_file, write_record
from mww_studio.jobs.spec import write_spec
from mww_studio.progress import Progress
from mww_studio.project.records import ClipKind
from mww_studio.services.job_thread import JobProgress, JobState
from mww_studio.services.jobs import Job
from mww_studio.services.mining_works import KIND
from mww_studio.services.session import Session
from mww_studio.services.studio import Studio
from mww_studio.ui.pages.mining import MiningPage
from mww_studio.ui.pages.mining_running import SearchRunning

WITHIN_MS = 60_000
COUNT = 5


def here(folder: Path, spec: MiningSpec, progress: Progress) -> dict[str, str]:
    """The search without a process of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    write_spec(spec, folder)
    return do_job(folder, progress)


@pytest.fixture
def run(session: Session) -> str:
    return add_run(session.project)


@pytest.fixture
def page(qtbot: QtBot, studio: Studio, monkeypatch: pytest.MonkeyPatch) -> MiningPage:
    monkeypatch.setattr("mww_studio.jobs.mining.run_job", here)
    made = MiningPage(studio)
    qtbot.addWidget(made)
    made.resize(1050, 700)
    made.show()
    return made


@pytest.fixture
def found(session: Session, run: str) -> MiningRecord:
    """Some sounds wait; the second may be the word."""
    project = session.project
    candidates = tuple(
        Candidate(
            id=number,
            file=f"/tv/news {number}.wav",
            content=f"{number:064x}",
            time_s=1.7,
            score=250.0 - number,
            cutoff_byte=200,
            woke=number == 1,
            maybe_word=number == 2,
            run=run,
            licence="",
            sketch="",
            found_at=datetime.now(UTC),
        )
        for number in range(1, COUNT + 1)
    )
    for one in candidates:
        sound_file(project.folder, one.id).parent.mkdir(parents=True, exist_ok=True)
        write_wav(sound_file(project.folder, one.id), talk(2.2, 80 + one.id))
    scan = Scan(run=run, at=datetime.now(UTC), hours=10.2, woke=1, offered=COUNT)
    record = MiningRecord(last_id=COUNT, candidates=candidates, scans=(scan,))
    write_record(project, record)
    return record


@pytest.fixture
def listed(qtbot: QtBot, page: MiningPage, found: MiningRecord) -> MiningPage:
    page.entered("")
    qtbot.waitUntil(lambda: len(page.list.found.found) == len(found.candidates), timeout=WITHIN_MS)
    return page


def states(session: Session) -> list[State]:
    return [one.state for one in read_record(session.folder).candidates]


@pytest.mark.usefixtures("session")
def test_without_a_finished_run_it_leads_to_training(qtbot: QtBot, page: MiningPage) -> None:
    page.entered("")
    qtbot.waitUntil(lambda: page._ground is not None, timeout=WITHIN_MS)
    assert page.empty.isVisible()
    assert page.primary() is page._to_train
    with qtbot.waitSignal(page.navigate) as gone:
        page.primary().click()
    assert gone.args == ["train", ""]


@pytest.mark.usefixtures("run")
def test_files_that_are_dropped_are_searched_and_what_wakes_it_is_listed(
    qtbot: QtBot, page: MiningPage, session: Session, tmp_path: Path
) -> None:
    page.entered("")
    qtbot.waitUntil(page.setup.isVisible, timeout=WITHIN_MS)
    assert not page.setup.search_button.isEnabled()
    recordings = make_recordings(tmp_path / "tv")
    (tmp_path / "tv" / "broken.wav").write_bytes(b"no sound")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(recordings[0].parent))])
    both = (data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    over = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, *both)
    page.dragEnterEvent(over)
    assert over.isAccepted()
    page.dropEvent(QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, *both))
    assert page.primary() is page.setup.search_button
    page.primary().click()
    qtbot.waitUntil(lambda: bool(page.list.found.found), timeout=WITHIN_MS)
    assert page.message is not None
    assert page.message.accessibleName().startswith("It woke 3 times")
    assert page.left_out.isVisible()
    assert "broken.wav" in page._left_lines.text()
    assert len(page.list.found.found) == len(read_record(session.folder).waiting()) == 3
    qtbot.waitUntil(lambda: page.list.found.wave(0) is not None, timeout=WITHIN_MS)
    assert page.primary() is page.bar.accept_button


def test_keys_decide_and_undo_brings_back(qtbot: QtBot, listed: MiningPage, session: Session) -> None:
    assert [one.id for one in listed.list.chosen()] == [1]
    near = session.project.counts()[ClipKind.NEAR]
    qtbot.keyClick(listed.list, Qt.Key.Key_A)
    assert states(session)[0] is State.ACCEPTED
    assert session.project.counts()[ClipKind.NEAR] == near + 1
    qtbot.waitUntil(lambda: len(listed.list.found.found) == COUNT - 1, timeout=WITHIN_MS)
    assert [one.id for one in listed.list.chosen()] == [2]
    qtbot.keyClick(listed.list, Qt.Key.Key_R)
    assert states(session)[1] is State.REJECTED
    qtbot.waitUntil(lambda: len(listed.list.found.found) == COUNT - 2, timeout=WITHIN_MS)
    assert session.undo.undoText() == "1 sound is not learned"
    session.undo.undo()
    session.undo.undo()
    assert states(session) == [State.WAITING] * COUNT
    assert session.project.counts()[ClipKind.NEAR] == near
    session.undo.redo()
    assert states(session)[0] is State.ACCEPTED
    assert session.project.counts()[ClipKind.NEAR] == near + 1


def test_all_but_those_that_may_be_the_word_are_one_command(qtbot: QtBot, listed: MiningPage, session: Session) -> None:
    qtbot.keyClick(listed.list, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert [one.id for one in listed.list.chosen()] == [1, 3, 4, 5]
    listed.bar.accept_button.click()
    assert session.undo.undoText() == "4 sounds will teach the next training"
    assert session.project.counts()[ClipKind.NEAR] == 4
    qtbot.waitUntil(lambda: len(listed.list.found.found) == 1, timeout=WITHIN_MS)
    takes = session.project.counts()[ClipKind.WAKE_WORD]
    mia = next(action for action in listed.bar.menu.actions() if action.data() == "person 1")
    mia.trigger()
    assert session.project.counts()[ClipKind.WAKE_WORD] == takes + 1
    assert session.project.clips(ClipKind.WAKE_WORD)[-1].speaker == "person 1"
    qtbot.waitUntil(listed.setup.isVisible, timeout=WITHIN_MS)
    button = listed.primary()
    assert button is not None
    assert button.text() == "Train again"
    assert listed.setup.search_button.kind != "primary"
    with qtbot.waitSignal(listed.navigate) as gone:
        button.click()
    assert gone.args == ["train", ""]
    session.undo.undo()
    session.undo.undo()
    assert states(session) == [State.WAITING] * COUNT


def test_space_plays_the_current_sound_and_stops_it(
    qtbot: QtBot, listed: MiningPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    player, heard = listed.studio.player, []

    def play(pcm: Pcm) -> None:
        heard.append(len(pcm))
        player._set(playing=True)

    monkeypatch.setattr(player, "play", play)
    monkeypatch.setattr(player, "stop", lambda: player._set(playing=False))
    qtbot.keyClick(listed.list, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: heard == [round(2.2 * 16000)], timeout=WITHIN_MS)
    assert listed.bar.play_button.text() == "Stop"
    qtbot.keyClick(listed.list, Qt.Key.Key_Space)
    assert listed.bar.play_button.text() == "Play"


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(
    ("end", "title"),
    [(Cancelled(), "The search was stopped"), (StudioError("x.y", "It broke.", do="Mend it."), "It broke")],
)
def test_a_search_that_ends_early_can_go_on(
    qtbot: QtBot, page: MiningPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, end: Exception, title: str
) -> None:
    def ends(*_: object) -> dict[str, str]:
        raise end

    recordings = make_recordings(tmp_path / "tv")
    page.entered("")
    qtbot.waitUntil(page.setup.isVisible, timeout=WITHIN_MS)
    monkeypatch.setattr("mww_studio.jobs.mining.run_job", ends)
    page.take_files([recordings[1]], "")
    page.primary().click()
    qtbot.waitUntil(lambda: page.message is not None and page.setup.isVisible(), timeout=WITHIN_MS)
    assert page.message.accessibleName() == title
    assert page.setup.order().paths == (recordings[1],)
    monkeypatch.setattr("mww_studio.jobs.mining.run_job", here)
    page._search_again()
    qtbot.waitUntil(lambda: bool(page.list.found.found), timeout=WITHIN_MS)
    assert page.message.accessibleName() != title


@pytest.mark.usefixtures("found")
def test_no_news_is_told_with_what_it_proves(qtbot: QtBot, page: MiningPage, session: Session) -> None:
    record = read_record(session.folder)
    scan = record.scans[0].model_copy(update={"woke": 0, "offered": 0})
    write_record(session.project, record.model_copy(update={"candidates": (), "scans": (scan,)}))
    page.entered("")
    qtbot.waitUntil(lambda: page.message is not None, timeout=WITHIN_MS)
    assert page.message.accessibleName() == "Nothing woke it in 10.2 hours, and nothing new came near"
    assert "proves fewer than 0.3 an hour" in page.message.accessibleDescription()
    assert page.setup.isVisible()


@pytest.mark.usefixtures("found")
def test_what_the_live_test_kept_is_chosen_for_whoever_comes_from_there(
    qtbot: QtBot, page: MiningPage, session: Session, run: str
) -> None:
    soak = session.project.run_folder(run) / "soak" / "night"
    soak.mkdir(parents=True)
    write_wav(soak / "woke-1.wav", talk(3.0, 90))
    page.entered("soak")
    qtbot.waitUntil(page.setup.isVisible, timeout=WITHIN_MS)
    assert page.setup.soak.isChecked()
    assert page.setup.soak.text().startswith("1 sound")
    assert page.setup.search_button.isEnabled()
    assert page.list_button.isVisible()
    page.list_button.click()
    qtbot.waitUntil(page.list.isVisible, timeout=WITHIN_MS)


def test_a_search_can_rest_and_go_on(qtbot: QtBot) -> None:
    def listening(progress: JobProgress) -> None:
        while True:
            progress.check_cancelled()
            threading.Event().wait(0.01)

    job, running = Job(KIND, "Searching for mistakes", listening), SearchRunning()
    qtbot.addWidget(running)
    running.follow(job)
    assert not running.pause_button.isEnabled()
    job.start()
    running.pause_button.click()
    qtbot.waitUntil(lambda: job.state is JobState.PAUSED, timeout=WITHIN_MS)
    assert (running.pause_button.text(), running.pause_button.accessibleName()) == ("Go on", "Go on with the search")
    running.pause_button.click()
    assert job.state is JobState.RUNNING
    assert running.pause_button.text() == "Pause"
    job.cancel()
    assert not running.pause_button.isEnabled()
    job.wait()
    assert job.state is JobState.CANCELLED
