from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from synthetic_speech import word

from mww_studio.audio.quality import judge
from mww_studio.corpus import pronunciation
from mww_studio.corpus.phrases import Nearness, NearPhrase
from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs import phrases
from mww_studio.jobs.phrases import (
    FILE,
    Edits,
    Origin,
    Said,
    describe,
    phrases_of,
    phrases_to_read,
    read_edits,
    times_said,
    with_added,
    with_removed,
    write_edits,
)
from mww_studio.project.records import ClipKind, NewClip, pcm_sha256
from mww_studio.project.store import Project


def test_looking_for_phrases_can_be_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def search(word: str, _language: str, _limit: int, check: Callable[[], None]) -> list[NearPhrase]:
        asked.append(word)
        check()
        return [NearPhrase("kosima", Nearness.WORD, 0.1)]

    def stop_meanwhile() -> None:
        if asked:
            raise Cancelled

    monkeypatch.setattr(phrases, "near_phrases", search)
    with Project.create(tmp_path / "project", "kosita cancelled") as made:
        with pytest.raises(Cancelled):
            phrases_of(made, check=stop_meanwhile)
        assert [one.text for one in phrases_of(made)] == ["kosima"]
        phrases_of(made)
    assert len(asked) == 2  # one that was stopped, one that is remembered


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    found = (NearPhrase("hey", Nearness.PARTIAL, 0.6), NearPhrase("hey commuter", Nearness.WORD, 0.08, "heɪ"))
    monkeypatch.setattr(phrases, "_found_for", lambda *_: found)
    monkeypatch.setattr(pronunciation, "_HEARD", {})
    monkeypatch.setattr(pronunciation, "phonemizer_missing", lambda: "none here")
    with Project.create(tmp_path / "project", "hey computer") as made:
        yield made


def texts(project: Project, *, removed: bool = False) -> dict[str, Origin]:
    return {phrase.text: phrase.origin for phrase in phrases_of(project, removed=removed)}


def test_what_is_found_is_the_list_as_long_as_nobody_changes_it(project: Project) -> None:
    listed = phrases_of(project)
    assert [phrase.text for phrase in listed] == ["hey", "hey commuter"]
    assert listed[1].ipa == "heɪ"
    assert {phrase.origin for phrase in listed} == {Origin.FOUND}
    assert not (project.folder / FILE).exists()


def test_changes_survive(project: Project) -> None:
    write_edits(project, with_added(project, ["  Hey  Comrade "]))
    write_edits(project, with_removed(project, ["HEY COMMUTER"]))
    expected = {"Hey Comrade": Origin.ADDED, "hey": Origin.FOUND, "hey commuter": Origin.REMOVED}
    assert texts(project, removed=True) == expected
    with project.sibling() as other:
        assert list(texts(other)) == ["Hey Comrade", "hey"]
    write_edits(project, Edits())
    assert list(texts(project, removed=True)) == ["hey", "hey commuter"]


def test_what_was_taken_away_comes_back_as_what_it_was(project: Project) -> None:
    write_edits(project, with_added(project, ["hello comrade"]))
    write_edits(project, with_removed(project, ["hello comrade", "hey"]))
    assert texts(project, removed=True) == {
        "hey commuter": Origin.FOUND,
        "hello comrade": Origin.REMOVED,
        "hey": Origin.REMOVED,
    }
    write_edits(project, with_added(project, ["Hello comrade", "hey"]))
    assert read_edits(project) == Edits(added=("hello comrade",))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hey", "phrases.known"),
        ("hey computer", "phrases.wake_word"),
        ("oh hey computer now", "phrases.wake_word"),
        ("...", "phrases.text"),
        ("", "phrases.text"),
        ("so" * 40, "phrases.text"),
        ("bell\x07", "phrases.text"),
    ],
)
def test_what_does_not_belong_into_the_list_says_why(project: Project, text: str, code: str) -> None:
    with pytest.raises(StudioError) as caught:
        with_added(project, [text])
    assert caught.value.code == code


def test_what_is_not_there_cannot_be_taken_away(project: Project) -> None:
    write_edits(project, with_removed(project, ["hey"]))
    with pytest.raises(StudioError) as caught:
        with_removed(project, ["hey"])
    assert caught.value.code == "phrases.unknown"


@pytest.mark.parametrize("content", [b"", b"{", b'{"added": 3}', b"\xff\xfe", b'{"other": []}'])
def test_a_damaged_list_is_an_error_and_stays_as_it_is(project: Project, content: bytes) -> None:
    (project.folder / FILE).write_bytes(content)
    with pytest.raises(StudioError) as caught:
        phrases_of(project)
    assert caught.value.code == "phrases.unreadable"
    with pytest.raises(StudioError):
        with_added(project, ["hello"])
    assert (project.folder / FILE).read_bytes() == content


def test_a_project_that_is_only_read_is_not_changed(project: Project) -> None:
    with Project.open(project.folder, read_only=True) as reader, pytest.raises(StudioError) as caught:
        write_edits(reader, Edits(added=("hello",)))
    assert caught.value.code == "project.read_only"


def test_the_list_is_told_in_lines(project: Project) -> None:
    write_edits(project, with_removed(project, ["hey"]))
    text = describe(phrases_of(project, removed=True))
    assert "92 % alike" in text
    assert "removed" in text
    assert text.endswith("1 phrase")


def said(kind: ClipKind, number: int, source: str, *, engine: str | None = None, note: str = "") -> NewClip:
    pcm = word(1, number).pcm
    return NewClip(kind, pcm, pcm_sha256(pcm), source, judge(pcm, 0.1, 0.5, kind), engine=engine, note=note)


def test_what_people_and_voices_said_is_counted(project: Project) -> None:
    project.add_clips(
        [
            said(ClipKind.NEAR, 0, '"Hey commuter?" said by piper:joe', engine="piper:joe"),
            said(ClipKind.NEAR, 1, '"hey commuter" said by flite:slt', engine="flite:slt"),
            said(ClipKind.NEAR, 2, "recorded here", note="hey commuter"),
            said(ClipKind.NEAR, 3, "recorded here", note="hey"),
            said(ClipKind.NEAR, 4, "some file.wav"),
            said(ClipKind.WAKE_WORD, 5, '"hey" said by flite:slt', engine="flite:slt"),
        ]
    )
    assert times_said(project) == {"hey commuter": Said(people=1, voices=2), "hey": Said(people=1)}


def test_people_read_what_was_added_and_real_words(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    found = (
        NearPhrase("hey gomputer", Nearness.NEIGHBOUR, 0.1),
        NearPhrase("hey", Nearness.PARTIAL, 0.6),
        NearPhrase("hey commuter", Nearness.WORD, 0.08),
    )
    monkeypatch.setattr(phrases, "_found_for", lambda *_: found)
    write_edits(project, with_added(project, ["hey comrade"]))
    assert phrases_to_read(project) == ["hey comrade", "hey", "hey commuter"]
    assert phrases_to_read(project, 2) == ["hey comrade", "hey"]
