import numpy as np
import pytest

from mww_studio.errors import StudioError
from mww_studio.project.records import (
    MAX_WAKE_WORD_CHARACTERS,
    checked_language,
    checked_name,
    checked_wake_word,
    pcm_sha256,
)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("computer", "computer"),
        ("  hey   computer\t", "hey computer"),
        ("Grüße, Jürgen", "Grüße, Jürgen"),
        ("Gru\u0308ße", "Grüße"),
        ("你好 电脑", "你好 电脑"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("x" * MAX_WAKE_WORD_CHARACTERS, "x" * MAX_WAKE_WORD_CHARACTERS),
    ],
)
def test_a_wake_word_is_tidied(text: str, word: str) -> None:
    assert checked_wake_word(text) == word


@pytest.mark.parametrize(
    "text", ["", "   ", "x" * 200, "vad", " VAD ", "bell\x07", "zero\x00", "tag\ue000", "?!", "half \ud800"]
)
def test_what_cannot_be_said_to_a_device_is_refused(text: str) -> None:
    with pytest.raises(StudioError) as caught:
        checked_wake_word(text)
    assert caught.value.code == "project.wake_word"
    assert caught.value.do


def test_names_and_languages() -> None:
    assert checked_name("  Ann   Lee ", "person's name") == "Ann Lee"
    assert checked_language("pt-BR") == "pt-BR"
    with pytest.raises(StudioError, match="control characters"):
        checked_name("Ann\x1b[2J", "person's name")
    with pytest.raises(StudioError, match="500 characters"):
        checked_name("x" * 500, "person's name")
    for text in ("", "english", "e", "en_US", "../x"):
        with pytest.raises(StudioError) as caught:
            checked_language(text)
        assert caught.value.code == "project.language"


def test_the_hash_is_that_of_the_samples_whatever_their_byte_order() -> None:
    pcm = np.arange(-50, 50, dtype=np.int16)
    assert pcm_sha256(pcm) == pcm_sha256(pcm.astype(">i2"))
    assert pcm_sha256(pcm) != pcm_sha256(pcm[1:])
