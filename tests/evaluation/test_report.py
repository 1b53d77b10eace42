import numpy as np
import pytest

from mww_studio.evaluation.listening import Heard, HeardAmbience, HeardWord
from mww_studio.evaluation.operating_point import choose_operating_point
from mww_studio.evaluation.report import Report, write_report
from mww_studio.evaluation.scorecard import judge


def heard(loss, speakers=("Ada", "Björn", "Cañas | Sons")):
    """Words that are heard the worse the later the speaker comes, and an evening with a few close calls."""
    rng = np.random.default_rng(4)
    words = []
    for number in range(20 * len(speakers)):
        outputs = np.zeros(140, np.uint8)
        who = number % len(speakers)
        outputs[100:108] = np.clip(252 - loss * (who + 1) * rng.random() ** 2 * 60, 0, 255)
        words.append(HeardWord(f"take {number}.wav", outputs, 2.4, 3.0, speakers[who]))
    evening = np.zeros(360_000, np.uint8)
    for start in range(1000, 360_000, 6000):
        evening[start : start + 8] = 255 * rng.random() ** 0.3
    return Heard("a test", 3, words, [HeardAmbience("evening.flac", evening, "television", 3.0)])


def test_the_files_hold_the_same_figures_and_show_pictures(tmp_path):
    point = choose_operating_point(heard(1), 20.0, (5,))
    cards = {"clean": judge(heard(1), point.cutoff, 5), "noise at 10 dB": judge(heard(4), point.cutoff, 5)}
    paths = write_report(
        cards, tmp_path / "report", title="computer", operating_point=point, remarks=["No real voice yet."]
    )
    assert [path.name for path in paths] == ["report.json", "report.md", "trade-off.png", "speakers.png"]
    read = Report.model_validate_json(paths[0].read_bytes())
    assert read.scorecards == cards
    assert read.operating_point == point
    assert read.remarks == ("No real voice yet.",)
    text = paths[1].read_text(encoding="utf-8")
    clean = cards["clean"]
    assert f"{clean.recall.detected} of 60" in text
    assert f"{clean.false_accepts.false_accepts} in 3.00 h" in text
    assert "| Cañas \\| Sons |" in text
    assert clean.verdict in text
    assert point.sentence in text
    assert "- No real voice yet." in text
    for picture in paths[2:]:
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert f"({picture.name})" in text


@pytest.mark.parametrize("words", [0, 1])
def test_a_report_on_next_to_nothing_can_be_written(tmp_path, words):
    few = heard(1, ("Ada",))
    card = judge(Heard(few.runtime, 3, few.words[:words], []), 0.5, 5)
    text = write_report({"clean": card}, tmp_path, title="Almost nothing")[1].read_text(encoding="utf-8")
    assert "not measured" in text
    assert "By speaker" not in text


def test_long_lists_are_cut(tmp_path):
    deaf = judge(heard(9), 0.996, 5)
    assert len(deaf.missed) > 21
    text = write_report({"clean": deaf}, tmp_path, title="Deaf")[1].read_text(encoding="utf-8")
    assert f"and {len(deaf.missed) - 20} more, in report.json" in text
