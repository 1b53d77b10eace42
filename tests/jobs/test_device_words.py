"""Which words may be added to a device: those that other projects exported, and the official ones."""

import json
import shutil

from mww_studio.export.provenance import describe
from mww_studio.jobs.device_words import OFFICIAL, known_words, word_of
from mww_studio.reference import official_model


def exported(project, board, word):
    """An export of ``project`` as it lies there: its own word, and an official one on the same device."""
    folder = project / "exports" / board
    folder.mkdir(parents=True)
    for suffix in (".json", ".tflite"):
        shutil.copy(official_model("alexa").with_suffix(suffix), folder)
    stem = word.lower().replace(" ", "_")
    content = json.loads((folder / "alexa.json").read_text("utf-8")) | {"wake_word": word}
    (folder / f"{stem}.json").write_text(json.dumps(content), "utf-8")
    told = describe(folder / "alexa.tflite", [], wake_word=word, preset="p", seed=0, settings="", warm_start=None)
    (folder / "provenance.json").write_text(told.model_dump_json(), "utf-8")
    return folder / f"{stem}.json"


def test_the_own_word_of_every_other_project_and_the_official_ones(tmp_path):
    manifest = exported(tmp_path / "one", "generic-s3", "Hey Willow")
    (tmp_path / "two").mkdir()
    known = known_words([tmp_path / "one", tmp_path / "two", tmp_path / "gone"])
    assert [each.manifest for each in known if not each.official] == [manifest]
    assert known[0].wake_word == "Hey Willow"
    assert [each.manifest.stem for each in known[1:]] == list(OFFICIAL)


def test_an_export_that_was_tampered_with_is_left_out(tmp_path):
    manifest = exported(tmp_path / "one", "generic-s3", "Hey Willow")
    manifest.unlink()
    exported(tmp_path / "two", "generic-s3", "Hey Willow").with_name("provenance.json").write_text("{}")
    assert all(each.official for each in known_words([tmp_path / "one", tmp_path / "two"]))


def test_a_file_without_a_word_is_named_by_its_name(tmp_path):
    (tmp_path / "nothing.json").write_text("{}")
    assert word_of(tmp_path / "nothing.json") == "nothing.json"
