from collections.abc import Callable
from pathlib import Path
from typing import Any

import flatbuffers
import pymicro_wakeword
import pytest
from ai_edge_litert import schema_py_generated as schema

Edit = Callable[[Any], None]


@pytest.fixture(scope="session")
def official() -> Path:
    """The folder of the official models."""
    return Path(pymicro_wakeword.__file__).parent / "models"


@pytest.fixture
def edited(official: Path, tmp_path: Path) -> Callable[[Edit], Path]:
    """A copy of okay_nabu, edited through the flatbuffer object API."""

    def edit(change: Edit) -> Path:
        content = (official / "okay_nabu.tflite").read_bytes()
        model = schema.ModelT.InitFromPackedBuf(content, 0)
        change(model)
        builder = flatbuffers.Builder(len(content))
        builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
        path = tmp_path / "edited.tflite"
        path.write_bytes(bytes(builder.Output()))
        return path

    return edit
