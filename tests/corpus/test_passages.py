import pytest

from mww_studio.corpus.passages import script


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "nl", "it", "de-AT"])
def test_there_is_enough_to_read(language):
    found = script(language)
    assert found.language == language[:2]
    assert len({passage.title for passage in found.passages}) == 6
    assert all(100 <= len(passage.text.split()) <= 140 for passage in found.passages)
    assert len(found.topics) == 6


def test_a_language_without_passages_has_topics():
    assert script("fi").passages == ()
    assert script("fi").topics == script("en").topics
