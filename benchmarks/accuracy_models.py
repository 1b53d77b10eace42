"""The models that the accuracy benchmark compares: trained in child processes, once, and kept with what they cost."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from accuracy_corpus import Corpus
from measuring import cpu_s
from official_recipe import Plan

from mww_studio.constitution.manifest import read_manifest
from mww_studio.durable import write_durably
from mww_studio.jobs.examination import read_examination
from mww_studio.reference import official_model

OFFICIAL_CUTOFF = 0.97
OFFICIAL_WINDOW = 5
PUBLISHED = ("alexa", "hey_jarvis", "hey_mycroft", "okay_nabu")
_SAMPLED_EVERY_S = 0.5
_COSTS = "training.json"


@dataclass(frozen=True)
class Trained:
    """A model file and how it ships. Costs are None for models that were not trained here.

    ``takes``: how many there really were; ``cpu_s`` and ``wall_s``: from clips to the verified YAML (to the model file
    for the official recipe); ``peak_mb``: of all processes together; ``promised``: false accepts an hour that the
    report of the training gave as the most to expect.
    """

    tflite: str
    cutoff: float
    window: int
    takes: int | None = None
    cpu_s: float | None = None
    wall_s: float | None = None
    peak_mb: float | None = None
    promised: float | None = None


@dataclass(frozen=True)
class Settings:
    """What is common to the trainings of a run of the benchmark; ``name``: under which their models are kept."""

    word: str
    work: Path
    name: str
    preset: str
    override: Path | None
    voices: bool
    official_steps: int


def ours(corpus: Corpus, takes: int, seed: int, settings: Settings) -> Trained:
    """Trained by the program's public commands, in a project with the corpus."""
    folder = settings.work / "models" / settings.name / f"{takes}-{seed}"
    known = _known(folder)
    if known:
        return known
    shutil.rmtree(folder, ignore_errors=True)
    project = folder / "project"
    shutil.copytree(_base(corpus, seed, settings.voices or not takes, settings), project)
    taught = corpus.taught(takes, seed)
    if taught:
        studio("import", project, "--kind", "wake-word", *taught)
    override = () if settings.override is None else ("--override", settings.override)
    command = _program("train", project, "--preset", settings.preset, *override, "--seed", seed, "--json")
    output, costs = measured(command)
    result = json.loads(output)
    manifest = Path(result["manifest"])
    described = read_manifest(manifest)
    for file in (manifest, described.model_path(manifest.parent), Path(result["configuration"])):
        shutil.copy(file, folder / file.name)
    card = read_examination(project / "runs" / result["run"]).scorecard
    shutil.rmtree(project)
    return _kept(
        folder,
        Trained(
            tflite=str(folder / described.model),
            cutoff=described.probability_cutoff,
            window=described.sliding_window_size,
            takes=len(taught),
            promised=card.false_accepts.high,
            **costs,
        ),
    )


def official(corpus: Corpus, takes: int, seed: int, settings: Settings) -> Trained:
    """The official recipe on the same takes, talk, noise and rooms."""
    folder = settings.work / "models" / f"official-{settings.official_steps}" / f"{takes}-{seed}"
    known = _known(folder)
    if known:
        return known
    folder.mkdir(parents=True, exist_ok=True)
    taught = corpus.taught(takes, seed)
    plan = Plan(
        *([str(file) for file in files] for files in (taught, corpus.talk(seed), corpus.noise, corpus.rooms)),
        seed=seed,
        steps=settings.official_steps,
    )
    (folder / "plan.json").write_text(json.dumps(asdict(plan)), encoding="utf-8")
    program = Path(__file__).with_name("official_recipe.py")
    _, costs = measured([sys.executable, str(program), str(folder / "plan.json"), str(folder)])
    model = str(folder / "model.tflite")
    return _kept(folder, Trained(model, OFFICIAL_CUTOFF, OFFICIAL_WINDOW, len(taught), **costs))


def published(word: str) -> Trained | None:
    """The official model for a word, at the cut-off of its manifest; None where there is none."""
    name = "_".join(word.lower().split())
    if name not in PUBLISHED:
        return None
    model = official_model(name)
    described = read_manifest(model.with_suffix(".json"))
    return Trained(str(model), described.probability_cutoff, described.sliding_window_size)


def studio(*arguments: object) -> None:
    """Let the program do a command, and end where it fails."""
    subprocess.run(_program(*arguments), stdout=subprocess.DEVNULL, check=True)


def measured(command: Sequence[str]) -> tuple[str, dict[str, float]]:
    """What a program prints, and its costs with those of its children: cpu_s, wall_s and peak_mb.

    Raises CalledProcessError.
    """
    before, began = cpu_s(), time.monotonic()
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        memory = _Memory(child.pid)
        memory.start()
        output, _ = child.communicate()
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    memory.join()
    wall_s = time.monotonic() - began
    return output, {"cpu_s": round(cpu_s() - before, 1), "wall_s": round(wall_s, 1), "peak_mb": round(memory.peak_mb)}


class _Memory(threading.Thread):
    """Watches how much memory a process and its children use together; what they share counts once."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self.peak_mb = pid, 0.0

    def run(self) -> None:
        while psutil.pid_exists(self._pid):
            try:
                root = psutil.Process(self._pid)
                used = sum(_used(process) for process in (root, *root.children(recursive=True)))
            except psutil.NoSuchProcess:
                break
            self.peak_mb = max(self.peak_mb, used / 1e6)
            time.sleep(_SAMPLED_EVERY_S)


def _used(process: psutil.Process) -> int:
    try:
        memory = process.memory_full_info()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
    return int(getattr(memory, "pss", memory.uss))


def _base(corpus: Corpus, seed: int, voices: bool, settings: Settings) -> Path:
    """A project with everything but recorded takes; made once for each half of the talk."""
    base = settings.work / f"base-{seed % 2}{'-voices' if voices else ''}"
    if base.is_dir():
        return base
    draft = base.with_name(f"{base.name}-draft")
    shutil.rmtree(draft, ignore_errors=True)
    studio("new", draft, "--wake-word", settings.word)
    for kind, files in (("speech", corpus.talk(seed)), ("ambience", corpus.noise), ("rir", corpus.rooms)):
        if files:
            studio("import", draft, "--kind", kind, *files)
    if voices:
        studio("synthesise", draft)
    return draft.rename(base)


def _known(folder: Path) -> Trained | None:
    file = folder / _COSTS
    return Trained(**json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None


def _kept(folder: Path, trained: Trained) -> Trained:
    write_durably(folder / _COSTS, json.dumps(asdict(trained), indent=1).encode())
    return trained


def _program(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "mww_studio", *map(str, arguments)]
