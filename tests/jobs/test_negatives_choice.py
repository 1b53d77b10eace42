import pytest

from mww_studio.errors import StudioError
from mww_studio.jobs.negatives_choice import SetChoice, changed, read_choice, with_choice, write_choice
from mww_studio.presets import Preset, load_preset
from mww_studio.project.store import Project


def test_everything_is_used_until_somebody_leaves_it_out(tmp_path):
    preset = load_preset("standard")
    with Project.create(tmp_path / "word", "hey computer") as project:
        assert with_choice(preset, project.folder) is preset
        write_choice(project, changed(read_choice(project.folder), leave_out=["speech", "rooms"]))
        assert read_choice(project.folder).leave_out == ("rooms", "speech")
        own = Preset.model_validate({**preset.model_dump(), "negatives": {"leave_out": ["mine"], "weights": {"a": 2}}})
        both = with_choice(own, project.folder).negatives
        assert (both.leave_out, both.weights) == (("mine", "rooms", "speech"), {"a": 2.0})
        write_choice(project, changed(read_choice(project.folder), use=["rooms", "speech"]))
        assert read_choice(project.folder) == SetChoice()


def test_a_file_that_is_none_is_named(tmp_path):
    (tmp_path / "negatives.json").write_text("{")
    with pytest.raises(StudioError) as caught:
        read_choice(tmp_path)
    assert caught.value.code == "negatives.choice"
