from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from mww_studio.constitution.articles import law
from mww_studio.errors import StudioError
from mww_studio.presets import Block, Model, Phase, Preset, load_preset, preset_names, without_warm_start
from mww_studio.resources import resource

MINIMAL = """
name: mine
description: A try.
training:
  phases:
    - {steps: 10, learning_rate: 1.0e-3, final_learning_rate: 1.0e-4}
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(MINIMAL, encoding="utf-8")
    return path


def laid_over(tmp_path: Path, text: str, name: str = "fast_test") -> Preset:
    override = tmp_path / "over.yaml"
    override.write_text(text, encoding="utf-8")
    return load_preset(name, override)


def refused(tmp_path: Path, text: str) -> StudioError:
    with pytest.raises(StudioError) as caught:
        laid_over(tmp_path, text)
    return caught.value


@pytest.mark.parametrize("name", sorted(path.stem for path in resource("presets").glob("*.yaml")))
def test_every_shipped_preset_loads(name: str) -> None:
    preset = load_preset(name)
    assert preset.name == name
    assert preset.description
    assert name in preset_names()


@pytest.mark.parametrize("name", preset_names())
def test_presets_that_start_from_an_official_model_have_its_form(name: str) -> None:
    preset = load_preset(name)
    assert (preset.model == Model()) is (preset.training.warm_start is not None)


def test_the_small_model_sees_as_much_as_the_large_one() -> None:
    small = load_preset("small").model
    assert small.receptive_frames == Model().receptive_frames
    assert sum(block.filters for block in small.blocks) < sum(block.filters for block in Model().blocks) / 2


def test_the_presets_of_the_contract_are_shipped() -> None:
    assert {"fast_test", "standard", "max_quality", "quickstart", "small"} <= set(preset_names())


def test_the_model_is_the_reference_architecture() -> None:
    model = Model()
    reference = law().mixednet
    assert model.first_conv_filters == reference.first_conv_filters == 32
    assert [block.kernels for block in model.blocks] == [tuple(kernels) for kernels in reference.mixconv_kernels]
    assert [block.filters for block in model.blocks] == list(reference.pointwise_filters)


def test_the_reference_sees_170_frames() -> None:
    assert Model().receptive_frames == 170
    assert Model(blocks=(Block(kernels=(1,), filters=8),), final_frames=1, first_conv_kernel=4).receptive_frames == 4


def test_an_own_file_is_a_preset(mine: Path) -> None:
    preset = load_preset(str(mine))
    assert preset.name == "mine"
    assert preset.training.phases == (Phase(steps=10, learning_rate=1e-3, final_learning_rate=1e-4),)
    assert preset.augmentation.room == 0.4


def test_presets_never_change(mine: Path) -> None:
    preset = load_preset(str(mine))
    with pytest.raises(ValidationError, match="frozen"):
        preset.training.batch_positives = 3  # type: ignore[misc]
    assert without_warm_start(preset).training.warm_start is None
    assert preset.training.warm_start == "okay_nabu"


def test_an_override_replaces_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    base = load_preset("fast_test")
    preset = laid_over(
        tmp_path,
        "training:\n  batch_positives: 3\n  phases:\n    - {steps: 7, learning_rate: 1.0e-3,"
        " final_learning_rate: 1.0e-4}\naugmentation: {room: 0, pitch_semitones: [-1, 1]}\n",
    )
    assert preset.training.batch_positives == 3
    assert [phase.steps for phase in preset.training.phases] == [7]
    assert preset.training.evaluate_every == base.training.evaluate_every
    assert preset.augmentation.room == 0
    assert preset.augmentation.pitch_semitones == (-1, 1)
    assert preset.augmentation.positive_variants == base.augmentation.positive_variants


def test_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MWW_CACHE", "/mnt/disk")
    monkeypatch.setenv("MWW_BATCH", "12")
    monkeypatch.delenv("MWW_NOWHERE", raising=False)
    preset = laid_over(
        tmp_path,
        "paths:\n  cache: ${MWW_CACHE}/features\n  extra_negatives: ['${MWW_NOWHERE:-sets}/speech']\n"
        "training:\n  batch_positives: ${MWW_BATCH}\n  batch_negatives: ${MWW_NOWHERE:-9}\n"
        "  warm_start: ${MWW_NOWHERE:-null}\n",
    )
    assert preset.paths.cache == "/mnt/disk/features"
    assert preset.paths.extra_negatives == ("sets/speech",)
    assert preset.training.batch_positives == 12
    assert preset.training.batch_negatives == 9
    assert preset.training.warm_start is None


def test_a_set_variable_wins_over_its_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MWW_CACHE", "there")
    assert laid_over(tmp_path, "paths: {cache: '${MWW_CACHE:-here}'}").paths.cache == "there"
    monkeypatch.setenv("MWW_CACHE", "")
    assert laid_over(tmp_path, "paths: {cache: '${MWW_CACHE:-here}'}").paths.cache == "here"


def test_a_variable_that_is_not_set_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MWW_NOWHERE", raising=False)
    error = refused(tmp_path, "paths: {cache: '${MWW_NOWHERE}'}")
    assert error.code == "preset.variable"
    assert "MWW_NOWHERE" in error.what
    assert "${MWW_NOWHERE:-default}" in error.do


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("training: {batch_positive: 3}", ["training.batch_positive", "batch_positives", "does not exist"]),
        ("trainning: {}", ["trainning", "does not exist", "training", "augmentation"]),
        ("training: {batch_positives: 0}", ["training.batch_positives", "0", "greater than or equal to 1"]),
        ("training: {batch_positives: many}", ["training.batch_positives", "'many'", "integer"]),
        ("training: {warm_start: hey_siri}", ["training.warm_start", "'hey_siri'", "okay_nabu", "alexa"]),
        ("training: {phases: []}", ["training.phases", "at least 1"]),
        (
            "training: {phases: [{steps: 5, learning_rate: 2, final_learning_rate: 1, colour: red}]}",
            ["training.phases.0.colour", "learning_rate", "training.phases.0.learning_rate", "less than or equal to 1"],
        ),
        ("training: {phases: [{steps: 5}]}", ["training.phases.0.learning_rate", "missing"]),
        ("augmentation: {room: 1.5}", ["augmentation.room", "1.5", "less than or equal to 1"]),
        ("augmentation: {pitch_semitones: [2, -2]}", ["augmentation.pitch_semitones", "[2, -2]", "must not exceed"]),
        ("augmentation: {pitch_semitones: [1, 2, 3]}", ["augmentation.pitch_semitones", "[1, 2, 3]"]),
        ("model: {blocks: [{kernels: [5], filters: 2}]}", ["model.blocks.0.filters", "2", "greater than or equal"]),
        ("model: {blocks: [{kernel: [5], filters: 8}]}", ["model.blocks.0.kernel", "filters, kernels"]),
        (
            "hard_negative_mining: {share: 0.8, isolated_share: 0.4}",
            ["hard_negative_mining: share", "0.8, 0.4 and 0.02", "above 1"],
        ),
        ("hardware: {device: tpu}", ["hardware.device", "'tpu'", "'auto', 'cpu' or 'gpu'"]),
        ("export: 5", ["export", "5"]),
    ],
)
def test_what_is_wrong_is_named_with_what_is_allowed(tmp_path: Path, text: str, named: list[str]) -> None:
    error = refused(tmp_path, text)
    assert error.code == "preset.invalid"
    assert "over.yaml" in error.what
    for part in named:
        assert part in error.why


@pytest.mark.parametrize(
    "model",
    [
        "{blocks: [{kernels: [5, 0], filters: 8}]}",
        "{blocks: [{kernels: [7, 5, 3], filters: 16}]}",
        "{first_conv_filters: 33, blocks: [{kernels: [5, 9], filters: 16}]}",
        "{blocks: [{kernels: [3, 5], filters: 15}, {kernels: [3, 5], filters: 16}]}",
        "{first_conv_kernel: 3}",
    ],
)
def test_a_model_that_cannot_be_built_is_refused_before_any_work(tmp_path: Path, model: str) -> None:
    error = refused(tmp_path, f"model: {model}")
    assert error.code == "preset.invalid"
    assert "model" in error.why


def test_examples_must_show_more_than_one_output_sees(tmp_path: Path) -> None:
    error = refused(tmp_path, "training: {sequence_ms: 2000}")
    assert error.code == "preset.invalid"
    assert "training.sequence_ms is 2000" in error.why
    assert "2700" in error.why
    assert laid_over(tmp_path, "training: {sequence_ms: 2700}").training.sequence_ms == 2700


def test_channels_that_divide_evenly_are_good(tmp_path: Path) -> None:
    preset = laid_over(tmp_path, "model: {first_conv_filters: 30, blocks: [{kernels: [7, 5, 3], filters: 16}]}")
    assert preset.model.blocks == (Block(kernels=(7, 5, 3), filters=16),)


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words", "a: [1, 2", "\x00", "{1: 2}"])
def test_a_file_that_is_no_preset_is_refused(tmp_path: Path, text: str) -> None:
    error = refused(tmp_path, text)
    assert error.code in {"preset.syntax", "preset.invalid"}
    assert "over.yaml" in error.what


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "over.yaml").write_bytes(b"name: \xff\xfe")
    with pytest.raises(StudioError) as caught:
        load_preset("fast_test", tmp_path / "over.yaml")
    assert caught.value.code == "preset.syntax"


def test_missing_files_and_unknown_names(tmp_path: Path) -> None:
    with pytest.raises(StudioError) as caught:
        load_preset("best")
    assert caught.value.code == "preset.unknown"
    assert "standard" in caught.value.do
    for name, override in ((str(tmp_path / "none.yaml"), None), ("fast_test", tmp_path / "none.yaml")):
        with pytest.raises(StudioError) as caught:
            load_preset(name, override)
        assert caught.value.code == "preset.unreadable"


def test_presets_survive_a_spec_file(tmp_path: Path) -> None:
    preset = laid_over(tmp_path, "model: {final_frames: 3}")
    assert Preset.model_validate_json(preset.model_dump_json()) == preset
    assert Preset.model_validate(yaml.safe_load(yaml.safe_dump(preset.model_dump(mode="json")))) == preset
