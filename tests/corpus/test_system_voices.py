"""The voices of macOS and Windows. Their programs are not here: ones that keep a record stand in for them alone."""

import json
import os
import sys
from pathlib import Path

import pytest

from mww_studio.corpus.synthesis import Rejected, Spoken, speak_lines
from mww_studio.corpus.voice_engines import engines
from mww_studio.corpus.voice_programs import Say, _say_list
from mww_studio.corpus.voice_sapi import Sapi, _installed
from mww_studio.corpus.voices import Line, Voice
from mww_studio.errors import StudioError
from mww_studio.progress import Progress
from mww_studio.project.records import Split

SAY = """
import sys, pathlib
here = pathlib.Path(__file__).parent
with (here / "asked.txt").open("a") as file:
    file.write(repr(sys.argv[1:]) + chr(10))
if sys.argv[1:] == ["-v", "?"]:
    print("Alex                en_US    # Most people recognize me by my voice.")
    print("Bad News            en_US    # The light you see is the headlamp of a fast approaching train.")
    print("Eddy (English (UK)) en_GB    # Hello! My name is Eddy.")
    print("Anna                de_DE    # Hallo! Ich heisse Anna.")
    sys.exit()
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
out, text = sys.argv[sys.argv.index("-o") + 1], sys.argv[sys.argv.index("-f") + 1]
(here / "said.txt").write_text(pathlib.Path(text).read_text())
sys.argv = ["flite", "-voice", "x", "--setf", "duration_stretch=1", "-t", "hey computer", "-o", out]
"""

POWERSHELL = """
import base64, json, sys, pathlib, wave
here = pathlib.Path(__file__).parent
(here / "command.txt").write_text(json.dumps(sys.argv[1:]))
import importlib.util
for line in sys.stdin:
    request = json.loads(line)
    with (here / "asked.txt").open("a") as file:
        file.write(line)
    if request.get("list"):
        print(json.dumps({"voices": [{"name": "Microsoft Zira Desktop", "language": "en-US"},
                                     {"name": "Microsoft Hedda Desktop", "language": "de-DE"}]}), flush=True)
    elif request["voice"] == "Broken":
        print(json.dumps({"error": "No matching voice is installed."}), flush=True)
    else:
        pcm = hum(request["text"] or "", 1.0, request["voice"])
        print(json.dumps({"rate_hz": RATE, "pcm": base64.b64encode(pcm.tobytes()).decode()}), flush=True)
"""


def put(folder: Path, name: str, body: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of this name, before all others on the path; it can hum as fake_flite.py does."""
    programs = folder / name
    programs.mkdir()
    hum = Path(__file__).parents[1].joinpath("support", "fake_flite.py").read_text(encoding="utf-8")
    functions, _, call = hum.partition('if __name__ == "__main__":')
    ending = body + ("main(sys.argv[1:])\n" if name == "say" else "")
    script = programs / "program.py"
    script.write_text(functions + ending, encoding="utf-8")
    assert call
    program = programs / name
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_FLITE", "")
    _say_list.cache_clear()
    _installed.cache_clear()
    return programs


def say_it(engine: Say | Sapi, line: Line, folder: Path) -> Spoken | Rejected | StudioError:
    (result,) = speak_lines([engine], [line], budget_s=60, progress=Progress(), cache=folder / "cache")
    return result


def test_they_are_offered_on_their_own_systems_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for platform, extra in (("linux", set()), ("darwin", {"say"}), ("win32", {"sapi"})):
        monkeypatch.setattr("mww_studio.corpus.voice_engines.platform", platform)
        assert {engine.name for engine in engines()} == {"kokoro", "piper", "flite", "espeak-ng"} | extra
    monkeypatch.setattr("mww_studio.corpus.voice_programs.platform", "linux")
    monkeypatch.setattr("mww_studio.corpus.voice_sapi.platform", "linux")
    assert Say().missing()
    assert Sapi().missing()


def test_the_voices_of_macos_speak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = put(tmp_path, "say", SAY, monkeypatch)
    monkeypatch.setattr("mww_studio.corpus.voice_programs.platform", "darwin")
    engine = Say()
    assert engine.missing() == ""
    voices = engine.voices("en")
    assert [(voice.name, voice.language) for voice in voices] == [("Alex", "en-us"), ("Eddy (English (UK))", "en-gb")]
    assert {voice.side for voice in voices} == {Split.TEST}
    assert [voice.name for voice in engine.voices("de-AT")] == ["Anna"]
    assert engine.voices("fr") == []
    result = say_it(engine, Line("-hey computer", "en", voices[1], speed=1.2), tmp_path)
    assert isinstance(result, Spoken)
    assert "macOS" in result.licence
    asked = (programs / "asked.txt").read_text().splitlines()[-1]
    assert "'-v', 'Eddy (English (UK))', '-r', '210'" in asked
    assert "'--data-format=LEI16@22050'" in asked
    assert (programs / "said.txt").read_text() == "-hey computer"


def test_the_voices_of_windows_speak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = put(tmp_path, "powershell", POWERSHELL, monkeypatch)
    monkeypatch.setattr("mww_studio.corpus.voice_sapi.platform", "win32")
    engine = Sapi()
    assert engine.missing() == ""
    (zira,) = engine.voices("en")
    assert (zira.label, zira.language, zira.side) == ("sapi:Microsoft Zira Desktop", "en-us", Split.TEST)
    assert isinstance(say_it(engine, Line("hey computer", "en", zira, speed=3**0.5), tmp_path), Spoken)
    say_it(engine, Line("/hˈeɪ <ə>/", "en", zira, speed=20.0), tmp_path)
    command = json.loads((programs / "command.txt").read_text())
    assert command[:-1] == ["-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File"]
    assert Path(command[-1]).is_file()
    plain, ipa = [json.loads(line) for line in (programs / "asked.txt").read_text().splitlines()[-2:]]
    assert plain == {"voice": "Microsoft Zira Desktop", "text": "hey computer", "ssml": None, "rate": 5}
    assert ipa["rate"] == 10
    assert 'ph="hˈeɪ &lt;ə&gt;"' in ipa["ssml"]
    assert 'xml:lang="en-US"' in ipa["ssml"]
    refused = say_it(engine, Line("hello", "en", Voice("sapi", "Broken", "en-us")), tmp_path)
    assert isinstance(refused, Rejected)


def test_a_system_that_does_not_list_its_voices_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "powershell", "print('{}', flush=True)\nsys.stdin.read()\n", monkeypatch)
    monkeypatch.setattr("mww_studio.corpus.voice_sapi.platform", "win32")
    with pytest.raises(StudioError) as caught:
        Sapi().voices("en")
    assert caught.value.code == "voices.garbage"
