"""The export: complete, judged before it is seen, and careful with what a person changed."""

import hashlib
import importlib.util
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mww_studio.constitution.manifest import Manifest, read_manifest
from mww_studio.errors import Cancelled, StudioError
from mww_studio.export.bundle import own_stem, write_bundle
from mww_studio.export.provenance import Provenance, WarmStart, describe
from mww_studio.export.words import DeviceOrder, Word
from mww_studio.progress import Progress
from mww_studio.project.records import Clip, ClipKind, Quality

OFFICIAL = Path(importlib.util.find_spec("pymicro_wakeword").origin).parent / "models" / "okay_nabu.tflite"
QUALITY = Quality(peak_dbfs=-6.0, speech_rms_dbfs=-20.0, snr_db=30.0, clipped_fraction=0.0, dc_offset=0.0)


def clip(number, kind=ClipKind.WAKE_WORD, licence="CC0", engine=None):
    return Clip(
        id=number,
        kind=kind,
        path=f"{number}.wav",
        sha256=f"{number:064x}",
        duration_s=1.5,
        speech_start_s=0.2,
        speech_end_s=1.0,
        speaker=None,
        source="here",
        recording=f"{number:064x}",
        licence=licence,
        engine=engine,
        quality=QUALITY,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def provenance(clips=(), warm_start=None):
    return describe(
        OFFICIAL,
        list(clips) or [clip(1)],
        wake_word="Hey Computer",
        preset="standard",
        seed=7,
        settings="steps: 1",
        warm_start=warm_start,
    )


def export(out, tflite=OFFICIAL, **options):
    manifest = Manifest("Hey Computer", "Ada", "any.tflite", ("en",), 0.9, 5, 10, 36000, "2024.7.0")
    word = Word(own_stem(manifest.wake_word), manifest, tflite.read_bytes(), ours=True)
    return write_bundle(out, [word], DeviceOrder("generic-s3"), provenance=provenance(), **options)


def files(folder):
    return sorted(file.name for file in folder.iterdir())


EXPECTED = sorted(
    ["hey_computer.tflite", "hey_computer.json", "hey-computer.yaml", "secrets.yaml", "provenance.json", "README.txt"]
)


def test_a_bundle_is_complete_and_builds(tmp_path):
    bundle = export(tmp_path / "new" / "hey", generate=True)
    assert files(tmp_path / "new" / "hey") == EXPECTED
    assert files(tmp_path / "new") == ["hey"]
    assert bundle.model.read_bytes() == OFFICIAL.read_bytes()
    assert read_manifest(bundle.manifest).model == "hey_computer.tflite"
    described = Provenance.model_validate_json(bundle.provenance.read_text("utf-8"))
    assert described.model_sha256 == hashlib.sha256(OFFICIAL.read_bytes()).hexdigest()
    instructions = bundle.readme.read_text("utf-8")
    assert all(name in instructions for name in ("hey-computer.yaml", "hey_computer.json", "CC0"))


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_secrets_are_for_their_owner_only(tmp_path):
    bundle = export(tmp_path / "hey")
    assert stat.S_IMODE(bundle.secrets.stat().st_mode) == 0o600


def test_a_second_export_keeps_secrets_edits_and_foreign_files(tmp_path):
    bundle = export(tmp_path)
    secrets = bundle.secrets.read_text("utf-8").replace("fill in: its password", "swordfish!")
    bundle.secrets.write_text(secrets, "utf-8")
    edited = bundle.configuration.read_text("utf-8").replace("GPIO4 ", "GPIO12")
    bundle.configuration.write_text(edited, "utf-8")
    (tmp_path / "mine.txt").write_text("mine")
    again = export(tmp_path)
    assert again.secrets.read_text("utf-8") == secrets
    assert (tmp_path / "hey-computer.yaml.bak").read_text("utf-8") == edited
    assert "GPIO4 " in again.configuration.read_text("utf-8")
    assert files(tmp_path) == sorted([*EXPECTED, "mine.txt", "hey-computer.yaml.bak"])


def test_a_refused_model_changes_nothing(tmp_path):
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(b"TFL3" * 100)
    with pytest.raises(StudioError, match=r"model\.flatbuffer") as refusal:
        export(tmp_path / "out" / "hey", broken)
    assert refusal.value.code == "export.refused"
    assert files(tmp_path / "out") == []


def test_what_esphome_refuses_is_not_exported(tmp_path):
    (tmp_path / "secrets.yaml").write_text("wifi_ssid: [not, a, name\n", "utf-8")
    with pytest.raises(StudioError, match=r"hey-computer\.yaml") as refusal:
        export(tmp_path)
    assert refusal.value.code == "export.refused"
    assert files(tmp_path) == ["secrets.yaml"]


def test_cancel_leaves_nothing(tmp_path):
    class Impatient(Progress):
        def check_cancelled(self):
            raise Cancelled

    with pytest.raises(Cancelled):
        export(tmp_path / "hey", progress=Impatient())
    assert files(tmp_path) == []


def test_a_place_that_cannot_be_written_is_an_error_for_people(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StudioError) as refusal:
        export(tmp_path / "file" / "hey")
    assert refusal.value.code == "export.unwritable"


def test_provenance_counts_clips_by_licence_and_voice():
    start = WarmStart(name="okay_nabu", source="pymicro-wakeword", licence="Apache-2.0", sha256="0" * 64)
    clips = [clip(1), clip(2), clip(3, licence="", engine="piper/joe"), clip(4, ClipKind.NEAR, "", "piper/joe")]
    described = provenance(clips, start)
    assert described.licences() == {"CC0": 2, "": 2}
    counts = {(source.kind, source.engine): source.clips for source in described.sources}
    assert counts == {("wake-word", None): 2, ("wake-word", "piper/joe"): 1, ("near", "piper/joe"): 1}
    assert described.warm_start == start
    assert described.packages["esphome"]
    assert described.created_at.tzinfo is UTC


def test_provenance_changes_with_its_inputs():
    assert provenance([clip(1), clip(2)]).clips_sha256 == provenance([clip(2), clip(1)]).clips_sha256
    assert provenance([clip(1), clip(2)]).clips_sha256 != provenance([clip(1), clip(3)]).clips_sha256


@pytest.mark.skipif(os.name != "posix", reason="links and file modes")
def test_secrets_that_lack_nothing_stay_the_link_that_they_are(tmp_path):
    bundle = export(tmp_path / "hey")
    shared = tmp_path / "shared.yaml"
    bundle.secrets.rename(shared)
    shared.chmod(0o644)
    bundle.secrets.symlink_to(shared)
    export(tmp_path / "hey")
    assert bundle.secrets.is_symlink()
    assert stat.S_IMODE(shared.stat().st_mode) == 0o600
