import threading

import pytest
from PySide6.QtCore import QCoreApplication

from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs.events import Stepped
from mww_studio.services.job_thread import JobState
from mww_studio.services.jobs import LOG_LINES, Job, JobList
from mww_studio.services.run_history import Figure
from mww_studio.services.timetable import PlannedPhase


class Held:
    """Work that goes on until it may end, looking whether it should stop."""

    def __init__(self):
        self.begun, self.may_end, self.turns = threading.Event(), threading.Event(), 0

    def __call__(self, progress):
        self.begun.set()
        while not self.may_end.wait(0.005):
            progress.check_cancelled()
            self.turns += 1
        return "done"


class Remote:
    """Stands on the other side of a control, as a worker process does."""

    def __init__(self):
        self.said, self.ended = [], threading.Event()

    def cancel(self):
        self.said.append("cancel")
        self.ended.set()

    def pause(self):
        self.said.append("pause")

    def go_on(self):
        self.said.append("go on")


@pytest.fixture
def jobs():
    made = JobList()
    yield made
    made.stop_all()


def begin(jobs, work, **options):
    return jobs.add(Job("test", "A test", work, **options))


def run(qtbot, jobs, work, **options):
    job = Job("test", "A test", work, **options)
    with qtbot.waitSignal(job.ended) as ended:
        jobs.add(job)
    return job, ended.args[0]


def states(job):
    seen = [job.state]
    job.changed.connect(lambda: seen.append(job.state) if seen[-1] is not job.state else None)
    return seen


def test_a_job_says_what_its_work_says(qtbot, jobs):
    heard = []

    def work(progress):
        progress.about("run 1")
        progress.phase("Learn", 20)
        progress.step(1, loss=0.5, name="text")
        for done in range(2, 21):
            progress.step(done, loss=1 / done, total=20)
        progress.log("A line.")
        return {"a": "b"}

    job = Job("test", "A test", work)
    job.figured.connect(heard.append)
    with qtbot.waitSignal(job.ended):
        jobs.add(job)
    assert (job.state, job.result, job.error) == (JobState.DONE, {"a": "b"}, None)
    assert (job.subject, job.phase, job.total, list(job.log)) == ("run 1", "Learn", 20, ["A line."])
    assert job.fraction == 1.0
    # Steps are thinned out, but never the last one.
    assert heard[0] == Stepped(done=1, figures={"loss": 0.5, "name": "text"})
    assert heard[-1].done == job.done == 20
    assert len(heard) < 20
    assert job.figures[0] == Figure(1, "loss", 0.5)
    assert job.figures[-1] == Figure(20, "loss", 0.05)


def test_a_job_fails_with_what_to_do(qtbot, jobs):
    def work(_):
        raise StudioError("a.b", "What.", do="Do.")

    job, outcome = run(qtbot, jobs, work)
    assert outcome.state is job.state is JobState.FAILED
    assert (job.error.code, job.error.do) == ("a.b", "Do.")


def test_an_error_in_the_program_is_told_too(qtbot, jobs, capfd):
    job, _ = run(qtbot, jobs, lambda _: 1 / 0)
    assert job.state is JobState.FAILED
    assert job.error.code == "job.crashed"
    assert "ZeroDivisionError" in job.error.why
    assert "Traceback" in capfd.readouterr().err


def test_it_stops_when_asked(qtbot, jobs):
    work = Held()
    job = begin(jobs, work)
    seen = states(job)
    with qtbot.waitSignal(job.ended):
        job.cancel()
        job.cancel()
    assert seen == [JobState.RUNNING, JobState.STOPPING, JobState.CANCELLED]
    job.cancel()
    job.pause()
    job.go_on()
    assert job.state is JobState.CANCELLED
    assert jobs.busy() == []


def test_it_rests_and_goes_on(qtbot, jobs):
    work = Held()
    job = begin(jobs, work)
    seen = states(job)
    qtbot.waitUntil(work.begun.is_set)
    with qtbot.waitSignal(job.changed, check_params_cb=lambda: job.state is JobState.PAUSED):
        job.pause()
        assert job.state is JobState.PAUSING
    turns = work.turns
    fraction = job.fraction
    work.may_end.set()
    job.go_on()
    with qtbot.waitSignal(job.ended):
        assert job.state is JobState.RUNNING
    assert seen == [JobState.RUNNING, JobState.PAUSING, JobState.PAUSED, JobState.RUNNING, JobState.DONE]
    assert work.turns <= turns + 1
    assert fraction is None


def test_a_resting_job_can_be_stopped(qtbot, jobs):
    job = begin(jobs, Held())
    job.pause()
    qtbot.waitUntil(lambda: job.state is JobState.PAUSED)
    with qtbot.waitSignal(job.ended):
        job.cancel()
    assert job.state is JobState.CANCELLED


def test_a_process_of_its_own_is_steered_at_once(qtbot, jobs):
    remote, begun = Remote(), threading.Event()

    def work(progress):
        with progress.controlled(remote):
            begun.set()
            remote.ended.wait(10)
        raise Cancelled

    job = begin(jobs, work)
    qtbot.waitUntil(begun.is_set)
    job.pause()
    assert job.state is JobState.PAUSED
    job.go_on()
    assert job.state is JobState.RUNNING
    job.pause()
    with qtbot.waitSignal(job.ended):
        job.cancel()
    assert remote.said == ["pause", "go on", "pause", "cancel"]


@pytest.mark.parametrize("wish", ["pause", "cancel"])
def test_a_wish_from_before_the_process_reaches_it(qtbot, jobs, wish):
    remote, asked = Remote(), threading.Event()

    def work(progress):
        asked.wait(10)
        with progress.controlled(remote):
            remote.ended.wait(10)

    job = begin(jobs, work)
    getattr(job, wish)()
    asked.set()
    qtbot.waitUntil(lambda: remote.said == [wish])
    remote.ended.set()
    job.go_on()
    qtbot.waitUntil(lambda: not job.is_busy)


def test_every_figure_of_a_process_is_told(qtbot, jobs):
    remote = Remote()

    def work(progress):
        with progress.controlled(remote):
            for done in range(1, 51):
                progress.step(done, recall=0.5)

    job, _ = run(qtbot, jobs, work)
    assert [figure.step for figure in job.figures] == list(range(1, 51))


def test_of_one_lane_one_runs_at_a_time(qtbot, jobs):
    works = [Held() for _ in range(3)]
    first, second = (begin(jobs, work, lane="training") for work in works[:2])
    other = begin(jobs, works[2])
    assert [job.state for job in (first, second, other)] == [JobState.RUNNING, JobState.WAITING, JobState.RUNNING]
    assert jobs.shown is other
    assert second.fraction == 0.0
    works[0].may_end.set()
    qtbot.waitUntil(lambda: second.state is JobState.RUNNING)
    assert first.state is JobState.DONE
    assert jobs.history == [first]
    for work in works:
        work.may_end.set()
    with qtbot.waitSignal(jobs.idle):
        pass
    assert jobs.shown is None
    assert {job.state for job in jobs.jobs} == {JobState.DONE}


def test_one_that_waits_can_be_cancelled_without_having_begun(qtbot, jobs):
    works = [Held(), Held()]
    first, second = (begin(jobs, work, lane="training") for work in works)
    with qtbot.waitSignal(jobs.ended) as ended:
        second.cancel()
    assert ended.args == [second]
    assert second.state is JobState.CANCELLED
    assert not works[1].begun.is_set()
    assert jobs.busy() == [first]


def test_background_jobs_are_not_shown(jobs):
    begin(jobs, Held(), foreground=False)
    assert jobs.shown is None


def test_closing_stops_everything_for_later(qtbot, jobs):
    later = []

    def work(progress):
        try:
            Held()(progress)
        except Cancelled:
            later.append(progress.wanted_later())
            raise

    waiting_work = Held()
    running, waiting = begin(jobs, work, lane="a"), begin(jobs, waiting_work, lane="a")
    with qtbot.waitSignal(jobs.idle):
        assert not jobs.shut_down(stop=True)
    assert (running.state, waiting.state) == (JobState.CANCELLED, JobState.CANCELLED)
    assert later == [True]
    assert not waiting_work.begun.is_set()
    assert jobs.shut_down(stop=True)
    with pytest.raises(StudioError) as caught:
        begin(jobs, Held())
    assert caught.value.code == "job.closing"


def test_closing_when_it_is_done_waits_for_all(qtbot, jobs):
    works = [Held(), Held()]
    both = [begin(jobs, work, lane="a") for work in works]
    assert not jobs.shut_down(stop=False)
    for work in works:
        work.may_end.set()
    with qtbot.waitSignal(jobs.idle):
        pass
    assert [job.state for job in both] == [JobState.DONE, JobState.DONE]


def test_who_stays_after_all_can_go_on(jobs):
    jobs.shut_down(stop=False)
    jobs.stay()
    assert begin(jobs, Held()).state is JobState.RUNNING


def test_the_last_thing_waits_for_every_thread(jobs):
    job = begin(jobs, Held())
    ends = []
    job.ended.connect(ends.append)
    jobs.stop_all()
    assert (job.state, job._thread.isRunning()) == (JobState.CANCELLED, False)
    QCoreApplication.processEvents()
    assert len(ends) == 1


def test_the_log_does_not_grow_for_ever(qtbot, jobs):
    def work(progress):
        for number in range(LOG_LINES + 5):
            progress.log(str(number))

    job, _ = run(qtbot, jobs, work)
    assert (len(job.log), job.log[0], job.log[-1]) == (LOG_LINES, "5", str(LOG_LINES + 4))


def test_a_plan_makes_segments(qtbot, jobs):
    plan = [PlannedPhase("a", 10, "Prepare"), PlannedPhase("b", 30, "Learn")]
    phases = threading.Event()

    def work(progress):
        progress.phase("b", 10)
        progress.step(5)
        phases.wait(10)

    job = begin(jobs, work, plan=plan)
    assert [segment.name for segment in job.phases] == ["Prepare", "Learn"]
    assert job.phase_index == 0
    qtbot.waitUntil(lambda: job.done == 5)
    assert job.phase_index == 1
    assert job.fraction == pytest.approx(25 / 40)
    assert job.left_s is None
    assert job.left_text == "working out how long"
    phases.set()
    with qtbot.waitSignal(job.ended):
        pass
    assert job.left_text == job.left_spoken == ""
