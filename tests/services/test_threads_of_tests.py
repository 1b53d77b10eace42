"""The law that a test leaves no thread running, held against a test that would."""

from PySide6.QtCore import QThread
from qt_threads import running_threads


def test_a_thread_that_runs_is_found() -> None:
    thread = QThread()
    assert thread not in running_threads()
    thread.start()
    assert thread in running_threads()
    thread.quit()
    thread.wait()
    assert running_threads() == []
