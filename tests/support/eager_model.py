"""An official model that synthetic talk wakes now and then, because its cut-off is as low as can be."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pymicro_wakeword
from synthetic_speech import Pcm, talk

MODELS = Path(pymicro_wakeword.__file__).parent / "models"


def eager_manifest(folder: Path, name: str = "hey_mycroft") -> Path:
    """The manifest of an official model, with its model beside it, in ``folder``."""
    content = json.loads((MODELS / f"{name}.json").read_text("utf-8"))
    content["micro"]["probability_cutoff"] = 0.01
    (folder / content["model"]).write_bytes((MODELS / content["model"]).read_bytes())
    path = folder / f"{name}.json"
    path.write_text(json.dumps(content), "utf-8")
    return path


@cache
def wakening_talk() -> Pcm:
    """A minute in which people say what the model takes for its word."""
    return np.concatenate([talk(20.0, who) for who in (15, 3, 16)])
