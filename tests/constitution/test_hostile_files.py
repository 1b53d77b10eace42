"""Files that were made to hurt: much work from few bytes, links that lead elsewhere, names that steer a terminal."""

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from mww_studio.constitution.flatbuffer import BrokenModelError, parse_model
from mww_studio.constitution.manifest import Glance, check_manifest, glance_at
from mww_studio.constitution.model import check_model
from mww_studio.constitution.verdicts import Outcome, Verdict

Edited = Callable[[Callable[[Any], None]], Path]


def broken(verdicts: list[Verdict]) -> set[str]:
    return {verdict.rule for verdict in verdicts if verdict.outcome is Outcome.FAIL}


@pytest.fixture
def manifest(official: Path, tmp_path: Path) -> Path:
    for suffix in (".json", ".tflite"):
        shutil.copy(official / f"alexa{suffix}", tmp_path / f"alexa{suffix}")
    return tmp_path / "alexa.json"


def change(manifest: Path, **values: object) -> None:
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | values), encoding="utf-8")


def test_buffers_that_lie_over_each_other_are_not_copied_again_and_again() -> None:
    """A thousand entries of the table of buffers lead to the same megabyte."""
    builder = flatbuffers.Builder(2**20)
    data = builder.CreateByteVector(b"x" * 2**20)
    schema.BufferStart(builder)
    schema.BufferAddData(builder, data)
    buffer = schema.BufferEnd(builder)
    schema.ModelStartBuffersVector(builder, 1000)
    for _ in range(1000):
        builder.PrependUOffsetTRelative(buffer)
    buffers = builder.EndVector()
    tensors = []
    for number in range(1000):
        schema.TensorStart(builder)
        schema.TensorAddBuffer(builder, number)
        schema.TensorAddType(builder, schema.TensorType.STRING)
        tensors.append(schema.TensorEnd(builder))
    schema.SubGraphStartTensorsVector(builder, len(tensors))
    for tensor in tensors:
        builder.PrependUOffsetTRelative(tensor)
    vector = builder.EndVector()
    schema.SubGraphStart(builder)
    schema.SubGraphAddTensors(builder, vector)
    graph = schema.SubGraphEnd(builder)
    schema.ModelStartSubgraphsVector(builder, 1)
    builder.PrependUOffsetTRelative(graph)
    graphs = builder.EndVector()
    schema.ModelStart(builder)
    schema.ModelAddSubgraphs(builder, graphs)
    schema.ModelAddBuffers(builder, buffers)
    builder.Finish(schema.ModelEnd(builder), file_identifier=b"TFL3")
    with pytest.raises(BrokenModelError, match="more than the whole file"):
        parse_model(bytes(builder.Output()))


def test_tensors_that_share_a_buffer_are_no_trouble(edited: Edited) -> None:
    def double(model: Any) -> None:
        tensors = model.subgraphs[1].tensors
        model.subgraphs[1].tensors = [*tensors, *tensors]

    assert not broken(check_model(edited(double), ours=False))


def test_a_tensor_of_very_many_dimensions(edited: Edited) -> None:
    def stretch(model: Any) -> None:
        model.subgraphs[0].tensors[51].shape = np.full(2000, 2**31 - 1, np.int32)

    assert broken(check_model(edited(stretch), ours=False)) == {"model.flatbuffer"}


def test_names_from_the_file_do_not_steer_a_terminal(edited: Edited) -> None:
    def name(model: Any) -> None:
        code = schema.OperatorCodeT()
        code.builtinCode, code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM, schema.BuiltinOperator.CUSTOM
        code.customCode = b"\x1b]0;gone\x07" + b"a" * 10_000
        model.operatorCodes.append(code)
        model.subgraphs[0].operators[-1].opcodeIndex = len(model.operatorCodes) - 1

    verdict = next(v for v in check_model(edited(name), ours=False) if v.rule == "operations.registered")
    assert verdict.outcome is Outcome.FAIL
    assert verdict.found.isprintable()
    assert len(verdict.found) < 1000


def test_mutated_models_are_refused_or_judged(official: Path) -> None:
    """The first of the mutations that were tried by the ten thousand."""
    hurt(official, seed=1, count=250)


@pytest.mark.slow
def test_thousands_of_mutated_models_are_refused_or_judged(official: Path) -> None:
    hurt(official, seed=2, count=3000)


def hurt(official: Path, seed: int, count: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - the same files every time
    originals = [path.read_bytes() for path in sorted(official.glob("*.tflite"))]
    refused = 0
    for _ in range(count):
        content = mutated(draw, draw.choice(originals))
        try:
            parse_model(content)
        except BrokenModelError:
            refused += 1
    assert 0 < refused < count


def mutated(draw: random.Random, original: bytes) -> bytes:
    """Words near the tables overwritten with numbers that offsets and lengths must not have, parts cut or doubled."""
    content = bytearray(original)
    for _ in range(draw.randint(1, 6)):
        edge = draw.choice((2500, len(content)))
        position = draw.randrange(8, edge) if draw.random() < 0.5 else len(content) - draw.randrange(1, edge)
        word = draw.choice(
            (0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000, draw.randrange(2**32), draw.randrange(len(content)))
        )
        content[position : position + 4] = word.to_bytes(4, "little")
    if draw.random() < 0.2:
        content = content[: draw.randrange(8, len(content))]
    if draw.random() < 0.1:
        content += content[draw.randrange(len(content)) :]
    return bytes(content)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/b.tflite", "..", "a\\b.tflite", "x" * 300])
def test_a_manifest_that_names_a_file_elsewhere(manifest: Path, name: str) -> None:
    change(manifest, model=name)
    assert broken(check_manifest(manifest)) & {"manifest.model", "manifest.model-file"}
    assert glance_at(manifest).model is None


def test_a_model_that_is_a_link_or_no_file(manifest: Path, tmp_path: Path) -> None:
    (tmp_path / "link.tflite").symlink_to(manifest.with_suffix(".tflite"))
    (tmp_path / "folder.tflite").mkdir()
    os.mkfifo(tmp_path / "pipe.tflite")
    (tmp_path / "null.tflite").symlink_to("/dev/zero")
    for name in ("link.tflite", "folder.tflite", "pipe.tflite", "null.tflite"):
        change(manifest, model=name)
        verdict = next(v for v in check_manifest(manifest) if v.rule == "manifest.model-file")
        assert verdict.outcome is Outcome.FAIL, name
        assert glance_at(manifest).model is None


@pytest.mark.parametrize(
    "content",
    [
        b'{"model": "' + b"a" * 10_000_000 + b'"}',
        b"[" * 60_000,
        b'{"version": ' + b"1" * 60_000 + b"}",
        b"\xff\xfe{}",
        b"",
    ],
)
def test_a_manifest_that_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "hostile.json"
    path.write_bytes(content)
    assert broken(check_manifest(path)) & {"manifest.file", "manifest.json"}
    assert glance_at(path) == Glance()


def test_of_a_broken_manifest_what_is_sound_can_be_used(manifest: Path) -> None:
    content = json.loads(manifest.read_text())
    micro = content["micro"] | {"probability_cutoff": 97, "sliding_window_size": 7}
    change(manifest, micro=micro, wake_word="vad", author="\u001b[31m", **{"\u001b[2J": 1})
    seen = glance_at(manifest)
    assert (seen.wake_word, seen.probability_cutoff, seen.sliding_window_size) == (None, None, 7)
    assert seen.model == "alexa.tflite"
    assert all(verdict.found.isprintable() for verdict in check_manifest(manifest))
