import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_voices import ENGINES, only_flite

from mww_studio.corpus.phrases import Nearness, NearPhrase
from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs.spec import write_spec
from mww_studio.jobs.voices import VoicesSpec, do_job, read_made, read_summary, shares_of, speak, usable_engines
from mww_studio.jobs.voices_adding import checked_spelling, plan_voices, synthesise_into, unfinished_voices
from mww_studio.presets import Synthesis
from mww_studio.progress import Control, Progress
from mww_studio.project.records import ClipKind
from mww_studio.project.store import Project

NEAR = (NearPhrase("hey commuter", Nearness.WORD, 0.1), NearPhrase("hey", Nearness.PARTIAL, 0.5))


class CancelAt(Progress):
    """Cancels in a phase, after some steps."""

    def __init__(self, phase: str, done: int) -> None:
        self._phase, self._done = phase, done
        self._now = ""
        self._cancelled = False
        self._control: Control | None = None

    def phase(self, name: str, total: int = 0) -> None:  # noqa: ARG002
        self._now = name

    def step(self, done: int, **_figures: float | str) -> None:
        if self._now == self._phase and done >= self._done:
            self._cancelled = True
            if self._control:
                self._control.cancel()

    def check_cancelled(self) -> None:
        if self._cancelled:
            raise Cancelled

    def controlled(self, control: Control):
        from contextlib import contextmanager

        @contextmanager
        def held() -> Iterator[None]:
            self._control = control
            yield
            self._control = None

        return held()


def spec(takes: int = 12, near: int = 4, sentences: int = 4, **more: object) -> VoicesSpec:
    return VoicesSpec(
        spellings=("hey computer",),
        language="en",
        near=NEAR,
        takes=takes,
        near_takes=near,
        sentences=sentences,
        engines=ENGINES,
        settings=Synthesis(processes=2),
        **more,
    )


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker: tests of what a worker is for do without this."""

    def run(folder: Path, spec: VoicesSpec, progress: Progress) -> dict[str, str]:
        folder.mkdir(parents=True, exist_ok=True)
        write_spec(spec, folder)
        return do_job(folder, progress)

    monkeypatch.setattr("mww_studio.jobs.voices_adding.run_job", run)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "project", "hey computer", "en") as made:
        yield made


@pytest.mark.usefixtures("in_this_process")
def test_everything_asked_for_is_said_marked_and_added(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_flite(monkeypatch, tmp_path)
    report = synthesise_into(project, spec(), Progress())
    clips = project.clips()
    assert {clip.id for clip in clips} == set(report.ids)
    assert project.counts() == {
        kind: {ClipKind.WAKE_WORD: 12, ClipKind.NEAR: 4, ClipKind.SPEECH: 4}.get(kind, 0) for kind in ClipKind
    }
    assert all(clip.synthetic and clip.licence and clip.speaker == clip.engine for clip in clips)
    assert "20 samples added, spoken by flite." in report.describe()
    assert not report.unfinished
    assert unfinished_voices(project) is None


@pytest.mark.usefixtures("in_this_process")
def test_who_asks_again_gets_other_takes_even_after_an_undo(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_flite(monkeypatch, tmp_path)
    settings = Synthesis(takes=5, near=0, sentences=3, engines={"flite": 1}, processes=2)
    first = synthesise_into(project, plan_voices(project, settings, progress=Progress()), Progress())
    project.trash_clips(first.ids)
    second = synthesise_into(project, plan_voices(project, settings, progress=Progress()), Progress())
    assert len(first.ids) == len(second.ids) == 8
    assert len(project.clips()) == 8


def test_a_cancel_adds_nothing_and_what_was_said_is_kept(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_flite(monkeypatch, tmp_path)
    wanted = spec(takes=20, near=0, sentences=0)
    with pytest.raises(Cancelled):
        synthesise_into(project, wanted, CancelAt("voices", 5))
    assert project.clips() == []
    kept = len(list((tmp_path / "cache").rglob("*.flac")))
    assert 5 <= kept < 20
    assert unfinished_voices(project) == wanted
    # From now on flite says as many lines as are missing, and then dies: what is kept is not said again.
    only_flite(monkeypatch, tmp_path, "die", after=20 - kept)
    report = synthesise_into(project, wanted, Progress())
    assert len(report.ids) == 20
    assert report.problems == ()


@pytest.mark.usefixtures("in_this_process")
def test_a_cancel_while_clips_are_added_keeps_those_that_are_there(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_flite(monkeypatch, tmp_path)
    monkeypatch.setattr("mww_studio.jobs.voices_adding._BATCH_CLIPS", 4)
    report = synthesise_into(project, spec(), CancelAt("adding", 4))
    assert report.unfinished
    assert len(report.ids) == len(project.clips()) == 4
    again = unfinished_voices(project)
    assert again is not None
    rest = synthesise_into(project, again, Progress())
    assert len(rest.ids) == 16
    assert len(project.clips()) == 20


@pytest.mark.parametrize(("trouble", "said"), [("die", "ended with status 1"), ("garbage", "wrote no sound")])
@pytest.mark.usefixtures("in_this_process")
def test_an_engine_that_fails_loses_nothing(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str, said: str
) -> None:
    only_flite(monkeypatch, tmp_path, trouble, after=6)
    settings = Synthesis(processes=1)
    wanted = spec().model_copy(update={"settings": settings})
    report = synthesise_into(project, wanted, Progress())
    assert len(report.ids) == 6
    assert said in report.describe()


def test_an_engine_that_hangs_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only_flite(monkeypatch, tmp_path, "hang")
    monkeypatch.setattr("mww_studio.corpus.voice_programs.ANSWER_S", 0.3)
    with pytest.raises(StudioError) as caught:
        speak(spec(takes=1, near=0, sentences=0), tmp_path, Progress())
    assert caught.value.code == "voices.none"
    assert "gave no answer" in caught.value.why


def test_a_cache_that_cannot_be_written_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only_flite(monkeypatch, tmp_path)
    (tmp_path / "file").write_text("in the way")
    before = threading.active_count()
    with pytest.raises(StudioError) as caught:
        speak(spec(cache=tmp_path / "file"), tmp_path, Progress())
    assert caught.value.code == "voices.cache"
    assert threading.active_count() == before


def test_the_listener_leaves_out_what_is_unlike_the_others_and_more_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_flite(monkeypatch, tmp_path)
    marked: list[int] = []

    def every_fifth(takes: list[object], _seconds: list[float], _strictness: float) -> list[bool]:
        marked.append(len(takes))
        return [len(marked) == 1 and place % 5 == 0 for place in range(len(takes))]

    monkeypatch.setattr("mww_studio.jobs.voices.outliers", every_fifth)
    speak(spec(takes=10, near=2, sentences=0), tmp_path, Progress())
    assert marked == [10, 10]
    assert read_summary(tmp_path).rejected == {"unlike the others": 2}
    made = list(read_made(tmp_path))
    assert sum(one.kind is ClipKind.WAKE_WORD for one in made) == 10
    assert len({one.line for one in made}) == 12


def test_shares_add_up_and_robots_leave_the_word_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only_flite(monkeypatch, tmp_path)
    for name in ("kokoro", "piper"):
        monkeypatch.setattr(f"mww_studio.corpus.voice_{name}.find_spec", lambda _: None)
    monkeypatch.setattr("mww_studio.corpus.voice_programs.shutil.which", lambda _: "/somewhere")
    wanted = spec(takes=101, near=7, sentences=50).model_copy(update={"engines": ()})
    usable, problems = usable_engines(wanted)
    assert [engine.name for engine in usable] == ["flite", "espeak-ng"]
    assert any("kokoro is not used: install" in problem for problem in problems)
    shares = {engine.name: shares_of(wanted, usable, engine) for engine in usable}
    assert shares["espeak-ng"][ClipKind.WAKE_WORD] == 0
    for kind, count in ((ClipKind.WAKE_WORD, 101), (ClipKind.NEAR, 7), (ClipKind.SPEECH, 50)):
        assert sum(share[kind] for share in shares.values()) == count


def test_what_cannot_be_asked_for(project: Project) -> None:
    with pytest.raises(StudioError) as caught:
        usable_engines(spec().model_copy(update={"engines": ("hal",)}))
    assert caught.value.code == "voices.unknown"
    with pytest.raises(StudioError) as caught:
        plan_voices(project, Synthesis(), respellings=["..."], progress=Progress())
    assert caught.value.code == "voices.text"
    assert checked_spelling("  hay   kompyooter ") == "hay kompyooter"


def test_a_language_that_nobody_speaks_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only_flite(monkeypatch, tmp_path)
    with pytest.raises(StudioError) as caught:
        speak(spec().model_copy(update={"language": "tlh"}), tmp_path, Progress())
    assert caught.value.code == "voices.none"
    assert "no voice for the language" in caught.value.why
