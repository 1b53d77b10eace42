from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from synthetic_speech import word

from mww_studio.corpus.voices import Speech, Voice
from mww_studio.errors import StudioError
from mww_studio.jobs.phrases_aloud import say_phrase


class Hum:
    """An engine that says a word of this test's own; ``says_ipa`` and ``gap`` as wanted."""

    licence = "ours"
    about = "It hums."

    def __init__(self, name: str, *, says_ipa: bool = True, gap: str = "", broken: bool = False) -> None:
        self.name, self.says_ipa, self._gap, self._broken = name, says_ipa, gap, broken
        self.asked: list[str] = []

    def missing(self) -> str:
        return self._gap

    def version(self) -> str:
        return "1"

    def voices(self, language: str) -> list[Voice]:
        return [Voice(self.name, "one", language)] if language == "en" else []

    @contextmanager
    def open(self):
        yield self

    def busy_s(self) -> float:
        return 0.0

    def speak(self, line, _check):
        self.asked.append(line.text)
        if self._broken:
            raise StudioError("voices.died", "It died.")
        pcm = np.concatenate([np.zeros(4000, np.int16), word(1, 1).pcm, np.zeros(4000, np.int16)])
        return Speech(pcm, 16000)


def test_the_first_voice_that_can_says_it(tmp_path: Path) -> None:
    engines = [Hum("missing", gap="install it"), Hum("spells", says_ipa=False), Hum("broken", broken=True), Hum("good")]
    pcm = say_phrase("kopita", "kopˈiːtə", "en", installed=engines, cache=tmp_path)
    assert pcm.dtype == np.int16
    assert len(pcm) > 4000
    assert [engine.asked for engine in engines] == [[], [], ["/kopˈiːtə/"], ["/kopˈiːtə/"]]
    say_phrase("hey there", "", "en", installed=engines, cache=tmp_path)
    assert engines[1].asked == ["hey there"]


def test_without_a_voice_it_says_why(tmp_path: Path) -> None:
    engines = [Hum("gone", gap="install it"), Hum("other")]
    with pytest.raises(StudioError) as caught:
        say_phrase("hej", "", "sv", installed=engines, cache=tmp_path)
    assert caught.value.code == "phrases.voice"
    assert "install it" in caught.value.why
    assert "does not know the language" in caught.value.why
