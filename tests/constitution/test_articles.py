import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mww_studio
from mww_studio.constitution.articles import constitution_text, law, origins, read_law
from mww_studio.constitution.verdicts import Level
from mww_studio.errors import StudioError


def test_the_law_says_what_the_device_does() -> None:
    """A few values typed twice on purpose: whoever edits the document by accident finds out here."""
    frontend, quantisation = law().frontend, law().quantisation
    assert (frontend.sample_rate_hz, frontend.window_samples, frontend.step_samples) == (16000, 480, 160)
    assert (quantisation.multiplier, quantisation.rounding, quantisation.divisor) == (256, 333, 666)
    assert quantisation.training_scale == 26 / 255
    assert law().input.scale == float(np.float32(26 / 255))
    assert law().output.scale == 1 / 256
    assert len(law().operations.registered) == 20
    assert law().mixednet.receptive_field_frames == 170
    assert law().mixednet.stride == law().input.stride


def test_values_have_their_source_and_level() -> None:
    found = origins()
    assert found["detection.ignore_slices"].level is Level.MUST
    assert "streaming_model.h" in found["detection.ignore_slices"].source
    assert found["input.stride"].level is Level.WRITER
    assert all(origin.source for origin in found.values())


def test_no_number_of_the_law_stands_in_its_prose() -> None:
    """Long numbers cannot be there by chance."""
    text = constitution_text()
    prose = re.sub(r"^```toml\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert not re.findall(r"\d{3,}", prose.replace("SHA-256", "digest"))


def test_every_rule_is_applied_and_every_applied_rule_exists() -> None:
    package = Path(mww_studio.__file__).parent
    sources = [*(package / "constitution").glob("*.py"), package / "jobs" / "verify.py"]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    applied = set(re.findall(r'rule\(\s*"([a-z0-9.-]+)"', code))
    assert applied == set(law().rules)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("ignore_slices = 100\n", "", "detection.ignore_slices"),
        ("ignore_slices = 100\n", "ignore_slices = 100\nignore_frames = 3\n", "detection.ignore_frames"),
        ("ignore_slices = 100\n", 'ignore_slices = "100"\n', "detection.ignore_slices"),
        ("ignore_slices = 100\n", "ignore_slices = 100.5\n", "detection.ignore_slices"),
        ("ignore_slices = 100\n", "ignore_slices = true\n", "detection.ignore_slices"),
        ("ignore_slices = 100\n", "ignore_slices = \n", "Line "),
        ('article = "detection"\n', 'article = "detections"\n', "detection"),
        ('article = "quantisation"\n', 'article = "numbers"\n', "quantisation"),
        ("min_window = 1\n", "min_window = 1\nignore_slices = 100\n", "detection.ignore_slices stands twice"),
        ('level = "MUST"', 'level = "PERHAPS"', "level"),
        ('says = "The input is int8."\n', "", "says"),
    ],
)
def test_a_damaged_document_is_refused_by_name(old: str, new: str, complaint: str) -> None:
    text = constitution_text()
    assert old in text
    with pytest.raises(StudioError) as caught:
        read_law(text.replace(old, new, 1))
    assert caught.value.code == "constitution.invalid"
    assert complaint in caught.value.why


def test_a_document_with_windows_line_ends_is_the_same_law() -> None:
    assert read_law(constitution_text().replace("\n", "\r\n")) == law()


def test_the_constitution_needs_neither_tensorflow_nor_esphome() -> None:
    program = (
        "import sys, mww_studio.constitution.sources as s; s.verify_sources();"
        "print(sorted({'tensorflow', 'keras', 'esphome', 'PySide6'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
