import pytest

from mww_studio.errors import StudioError
from mww_studio.jobs.phrases import FILE, Edits, read_edits


def test_a_change_of_the_phrases_has_a_name_and_a_way_back(session):
    heard = []
    session.phrases_changed.connect(lambda: heard.append(read_edits(session.project)))
    first, second = Edits(added=("rosita",)), Edits(removed=("casita",))
    session.change_phrases(first, "Add “rosita”")
    session.change_phrases(second, "Take “casita” away")
    assert session.undo.undoText() == "Take “casita” away"
    session.undo.undo()
    assert read_edits(session.project) == first
    session.undo.undo()
    session.undo.redo()
    assert heard == [first, second, first, Edits(), first]


def test_a_list_that_cannot_be_read_is_not_overwritten(session):
    path = session.folder / FILE
    path.write_text("{", encoding="utf-8")
    with pytest.raises(StudioError):
        session.change_phrases(Edits(), "Forget all changes of the phrases")
    assert path.read_text(encoding="utf-8") == "{"
    assert not session.undo.canUndo()
