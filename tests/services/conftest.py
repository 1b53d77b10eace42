"""Services as the window gets them, with settings and projects of the test's own."""

import pytest
from PySide6.QtWidgets import QApplication
from qt_threads import no_thread_stays  # noqa: F401 - holds for every test here
from studio_fixtures import session, settings, studio, worker_says  # noqa: F401 - fixtures of every test here


@pytest.fixture(autouse=True)
def application(qapp: QApplication) -> QApplication:
    return qapp
