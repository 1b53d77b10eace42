import gc

from PySide6.QtGui import QUndoStack

from mww_studio.errors import StudioError
from mww_studio.services.undo import Change


def test_a_change_was_made_before_it_is_pushed():
    stack, done = QUndoStack(), []
    stack.push(Change("a", back=lambda: done.append("back"), again=lambda: done.append("again"), failed=done.append))
    gc.collect()
    assert (done, stack.undoText()) == ([], "a")
    stack.undo()
    stack.redo()
    stack.undo()
    assert done == ["back", "again", "back"]


def test_a_change_that_cannot_be_taken_back_leaves_the_stack():
    def refuse():
        raise StudioError("project.disk_full", "Full.")

    stack, errors = QUndoStack(), []
    for text in ("a", "b"):
        stack.push(Change(text, back=refuse, again=refuse, failed=errors.append))
    stack.undo()
    assert [error.code for error in errors] == ["project.disk_full"]
    assert stack.undoText() == "a"
    assert not stack.canRedo()
