from mww_studio.services.run_history import Figure, RunHistory, read_history


def test_a_step_that_was_done_twice_counts_once(tmp_path):
    """A training that was killed goes on from its checkpoint, some steps back."""
    (tmp_path / "events.jsonl").write_text(
        """{"event": "phase", "name": "Preparing", "total": 9}
{"event": "step", "done": 7, "figures": {"loss": 9}}
{"event": "phase", "name": "Training", "total": 100}
{"event": "step", "done": 10, "figures": {"loss": 3, "recall": 0.5, "name": "text"}}
{"event": "step", "done": 20, "figures": {"loss": 2}}
{"event": "step", "done": 30, "fig
{"event": "phase", "name": "Training", "total": 100}
{"event": "step", "done": 15, "figures": {"loss": 2.5}}
{"event": "step", "done": 25, "figures": {"total": 100}}
{"event": "phase", "name": "Exporting", "total": 0}
{"event": "step", "done": 1, "figures": {}}
"""
    )
    history = read_history(tmp_path)
    assert history == RunHistory((Figure(10, "loss", 3), Figure(10, "recall", 0.5), Figure(15, "loss", 2.5)), 25, 100)
    assert history.fraction == 0.25


def test_a_run_that_said_nothing_has_no_history(tmp_path):
    assert read_history(tmp_path) == RunHistory((), 0, 0)
    assert read_history(tmp_path).fraction == 0
