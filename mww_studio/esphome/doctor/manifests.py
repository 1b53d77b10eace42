"""Checks of the manifest and the model that lie beside a configuration, by the constitution."""

import json
import re
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any

from mww_studio.constitution.articles import law
from mww_studio.constitution.manifest import check_manifest
from mww_studio.constitution.model import check_model
from mww_studio.constitution.verdicts import Outcome, Verdict
from mww_studio.errors import StudioError
from mww_studio.esphome.doctor.chart import Chart, MeasureArena
from mww_studio.esphome.doctor.edits import Edits, replaced
from mww_studio.esphome.doctor.files import SourceText, read_source
from mww_studio.esphome.doctor.tree import Converter, Item, Mapping, Scalar, parse, plain_path

_OLD_VERSION, _OLD_STEP_MS = 1, 20
_KEYS = {
    "manifest.type": ("type",),
    "manifest.version": ("version",),
    "manifest.wake-word": ("wake_word",),
    "manifest.author": ("author",),
    "manifest.website": ("website",),
    "manifest.languages": ("trained_languages",),
    "manifest.model": ("model",),
    "manifest.model-file": ("model",),
    "manifest.step": ("micro", "feature_step_size"),
    "manifest.arena": ("micro", "tensor_arena_size"),
    "manifest.cutoff": ("micro", "probability_cutoff"),
    "manifest.window": ("micro", "sliding_window_size"),
    "manifest.minimum-version": ("micro", "minimum_esphome_version"),
}
_USUAL_WINDOW = 5


class ManifestCheck:
    """One manifest with its model. ``vad``: it is listed as the voice activity model."""

    def __init__(self, chart: Chart, path: Path, vad: bool, measure: MeasureArena) -> None:
        self._chart, self._path, self._vad, self._measure = chart, path, vad, measure
        self._shown = path.relative_to(chart.config.folder).as_posix()
        self._source: SourceText | None = None
        self._root: Item | None = None
        self._content: dict[str, Any] = {}
        self.sound = False
        """Whether the device can use what it says."""

    @property
    def step_ms(self) -> int | None:
        """The step in which its model hears sound."""
        if self._content.get("version") == _OLD_VERSION:
            return _OLD_STEP_MS
        step = self._micro.get("feature_step_size")
        return step if isinstance(step, int) and not isinstance(step, bool) else None

    @property
    def arena_bytes(self) -> int | None:
        """The working memory that it asks for."""
        size = self._micro.get("tensor_arena_size")
        return size if isinstance(size, int) and size > 0 else None

    @property
    def _micro(self) -> dict[str, Any]:
        micro = self._content.get("micro")
        return micro if isinstance(micro, dict) else {}

    @cached_property
    def _model(self) -> Path | None:
        """The model, where it is a file beside the manifest."""
        name = self._content.get("model")
        path = plain_path(self._path.parent, name) if isinstance(name, str) and name else None
        return path if path is not None and path.parent == self._path.parent and path.is_file() else None

    def check(self) -> None:
        """Write down all that breaks a rule."""
        before = len(self._chart.findings)
        try:
            self._source = read_source(self._path, self._shown, self._chart.overlay)
            content = json.loads(self._source.text)
        except (StudioError, ValueError, RecursionError):
            content = None
        if self._source is None or not isinstance(content, dict):
            self._chart.find_in(self._path, self._shown, "manifest.json", "ESPHome cannot read it.", "Export it anew.")
            return
        self._content = content
        self._root = self._tree()
        if content.get("version") == _OLD_VERSION:
            self._say(
                "manifest.old",
                "This wake word was made for the first generation of models, which hear worse and need more memory.",
                "Train the word anew, or look for a newer one.",
                self._at("version"),
                warn=True,
            )
            return
        for verdict in self._verdicts(self._source):
            if verdict.outcome is Outcome.FAIL and not (self._vad and verdict.rule == "manifest.wake-word"):
                self._tell(verdict)
        if self._model is not None:
            self._check_model(self._model)
        self.sound = len(self._chart.findings) == before

    def _verdicts(self, source: SourceText) -> list[Verdict]:
        """What the constitution says of the manifest, also of one that is only worked out."""
        if source.path not in self._chart.overlay:
            return check_manifest(self._path)
        with tempfile.TemporaryDirectory(prefix="mww-doctor-") as folder:
            copy = Path(folder) / self._path.name
            copy.write_bytes(source.data)
            if self._model is not None:
                copy.with_name(self._model.name).touch()
            return check_manifest(copy)

    def _check_model(self, model: Path) -> None:
        broken = [one for one in check_model(model, ours=False) if one.outcome is Outcome.FAIL]
        if broken:
            said = f"The model of this wake word cannot run on a device. {law().rules[broken[0].rule].says}"
            self._say("model.unsound", said, "Export or download it anew.", self._at("model"))
            return
        asked = self.arena_bytes
        need = self._measure(model) if asked else None
        if need is not None and asked is not None and asked < need.least_bytes:
            keys = ("micro", "tensor_arena_size")
            self._say(
                "arena.small",
                "The model needs more working memory than its file asks for, so it never loads.",
                f"It needs at least {need.least_bytes:,} bytes; ask for {need.good_bytes:,}.",
                self._at(*keys),
                self._written(keys, str(need.good_bytes)),
            )

    def _tell(self, verdict: Verdict) -> None:
        keys = _KEYS.get(verdict.rule, ())
        self._say(
            verdict.rule,
            _sentence(verdict),
            f"Write {verdict.expected} in its place." if keys else f"Expected: {verdict.expected}.",
            self._at(*keys) if keys else None,
            self._cure(verdict.rule, keys) if keys else (),
        )

    def _cure(self, rule: str, keys: tuple[str, ...]) -> Edits:
        value: Any = self._content
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        written = _cured(rule, value)
        if rule == "manifest.arena" and written is None and self._model is not None:
            need = self._measure(self._model)
            written = str(need.good_bytes) if need is not None else None
        if rule == "manifest.wake-word" and value in law().manifest.reserved_wake_words:
            word = re.sub(r"[\W_]+", " ", self._path.stem).strip()
            written = json.dumps(word.title(), ensure_ascii=False) if word and word.lower() != value else None
        if rule in ("manifest.model", "manifest.model-file"):
            near = self._path.with_suffix(".tflite")
            written = json.dumps(near.name) if near.is_file() and not near.is_symlink() else None
        return self._written(keys, written) if written is not None else ()

    def _written(self, keys: tuple[str, ...], text: str) -> Edits:
        item = self._at(*keys)
        return replaced(item, text) if isinstance(item, Scalar) else ()

    def _at(self, *keys: str) -> Item | None:
        item = self._root
        for key in keys:
            item = item.get(key) if isinstance(item, Mapping) else None
        return item

    def _tree(self) -> Item | None:
        assert self._source is not None  # noqa: S101 - asked before
        try:
            node = parse(self._source)
            return Converter().convert(node, self._source) if node is not None else None
        except StudioError:  # JSON that is no YAML, as with tabs: then only the places are not known
            return None

    def _say(self, code: str, what: str, do: str, item: Item | None, edits: Edits = (), *, warn: bool = False) -> None:
        if item is None:
            self._chart.find_in(self._path, self._shown, code, what, do)
        elif warn:
            self._chart.warn(code, what, do, item, edits)
        else:
            self._chart.error(code, what, do, item, edits)


def _sentence(verdict: Verdict) -> str:
    return verdict.consequence or law().rules[verdict.rule].says


def _cured(rule: str, value: Any) -> str | None:
    """What should stand in the place of a value, as JSON, where that is beyond doubt."""
    number = _as_number(value)
    match rule:
        case "manifest.cutoff" if number is not None and 0 < number <= 100:
            return json.dumps(round(number / 100 if number > 1 else number, 6)) if number != 1 else None
        case "manifest.window" if number is not None:
            least = law().detection.min_window
            return str(int(number)) if number == int(number) and number >= least else str(_USUAL_WINDOW)
        case "manifest.arena" | "manifest.step" | "manifest.version":
            same = isinstance(value, str) and number is not None and number == int(number) and number > 0
            return str(int(number)) if same and number is not None else None
        case "manifest.languages" if isinstance(value, str) and value.strip():
            return json.dumps([value])
        case "manifest.minimum-version":
            return json.dumps(law().manifest.minimum_esphome_version)
    return None


def _as_number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value.strip().removesuffix("%")) if isinstance(value, str) else float(value)
    except ValueError:
        return None
    return number if abs(number) < 1e9 else None
