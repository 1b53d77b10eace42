import os
import signal
import threading

import pytest
from eager_model import eager_manifest, wakening_talk
from virtual_microphone import PLAIN

from mww_studio.jobs.listening import listen_live

TALK = wakening_talk()[13 * 16000 : 19 * 16000]


def test_what_woke_it_is_said_kept_and_summed_up(microphones, tmp_path):
    microphones.say(PLAIN, TALK)
    said = []
    report = listen_live(eager_manifest(tmp_path), PLAIN, 4 / 60, tmp_path / "kept", said.append)
    summary = report.summary()
    assert [wake["file"] for wake in summary["woke"]] == [str(file) for file in (tmp_path / "kept").iterdir()]
    assert len(summary["woke"]) == 1
    assert 4 <= summary["seconds"] < 10
    assert summary["per_hour_high"] == pytest.approx(4.744 / (report.seconds / 3600), rel=0.01)
    assert "woke" in said[1]
    assert "Woke once in" in report.describe()


@pytest.mark.usefixtures("microphones")
def test_ctrl_c_ends_it_with_the_sum(tmp_path):
    def say(text):
        if text.startswith("Listening"):
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()

    # Started in the background by a shell, the tests would ignore Ctrl-C, and wait for ever.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        report = listen_live(eager_manifest(tmp_path), PLAIN, None, None, say)
    finally:
        signal.signal(signal.SIGINT, before)
    assert report.wakes == ()
    assert report.seconds > 0
