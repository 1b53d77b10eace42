"""Everything that belongs beside a model: manifest, ESPHome configuration, secrets, provenance, instructions."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from mww_studio.constitution.manifest import Manifest, check_manifest, read_manifest, write_manifest
from mww_studio.constitution.model import check_model
from mww_studio.constitution.verdicts import Outcome, Verdict
from mww_studio.durable import sync_folder
from mww_studio.errors import StudioError
from mww_studio.esphome.config import STAND_IN, DeviceWord, Sensitivity, device_name, model_id, render, stand_in
from mww_studio.esphome.program import generate_only, validate
from mww_studio.esphome.secrets import complete_secrets, read_secrets, write_secrets
from mww_studio.export.provenance import Provenance
from mww_studio.progress import Progress

_COMMERCIAL = (
    "It was made with sound that may not be used commercially: do not sell the model, nor a product with it.\n"
)


@dataclass(frozen=True)
class Bundle:
    """The files of a finished export, all in one folder."""

    model: Path
    manifest: Path
    configuration: Path
    secrets: Path
    provenance: Path
    readme: Path


def write_bundle(
    out: Path,
    *,
    tflite: Path,
    manifest: Manifest,
    board: str,
    provenance: Provenance,
    sensitivities: Sequence[Sensitivity] = (),
    generate: bool = False,
    progress: Progress | None = None,
) -> Bundle:
    """Put the model and all that it needs into the folder ``out``, after every check has passed.

    The files are made and judged in a folder beside ``out`` first, so a failing check changes nothing. In a folder
    that is already there secrets.yaml keeps its lines, a configuration that was edited stays as ``.yaml.bak``, and
    foreign files are left alone. ``generate`` also lets ESPHome write its C++ and compares it with the manifest.

    Raises StudioError ``export.refused`` with the failing verdicts, ``export.unwritable``, ``board.unknown``,
    ``manifest.invalid`` and those of the esphome program; Cancelled leaves nothing behind.
    """
    progress, out = progress or Progress(), out.resolve()
    names = bundle_files(Path(), manifest.wake_word)
    try:
        with _workshop(out) as folder:
            made = bundle_files(folder, manifest.wake_word)
            shutil.copyfile(tflite, made.model)
            write_manifest(replace(manifest, model=names.model.name), made.manifest)
            words = [DeviceWord(made.manifest, tuple(sensitivities))]
            configuration = render(board, words, manifest.wake_word)
            made.configuration.write_text(configuration, "utf-8")
            write_secrets(made.secrets, complete_secrets(configuration, read_secrets(out / names.secrets)))
            made.provenance.write_text(provenance.model_dump_json(indent=2) + "\n", "utf-8")
            made.readme.write_text(_instructions(names, manifest, provenance), "utf-8")
            _judge(made, board, generate, progress)
            _move_in(made, out)
    except OSError as error:
        raise StudioError(
            "export.unwritable",
            f"The model could not be exported to {out}.",
            why=f"{error.strerror or error}.",
            do="Choose a folder that you may write to, on a disk with room.",
        ) from error
    return bundle_files(out, manifest.wake_word)


def bundle_files(folder: Path, wake_word: str) -> Bundle:
    """Where the files of a wake word lie in an export's folder."""
    device = device_name(wake_word)
    stem = device.replace("-", "_")
    return Bundle(
        model=folder / f"{stem}.tflite",
        manifest=folder / f"{stem}.json",
        configuration=folder / f"{device}.yaml",
        secrets=folder / "secrets.yaml",
        provenance=folder / "provenance.json",
        readme=folder / "README.txt",
    )


@contextmanager
def _workshop(out: Path) -> Iterator[Path]:
    """An empty folder beside ``out``, on its disk; gone afterwards unless it became ``out``."""
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _judge(made: Bundle, board: str, generate: bool, progress: Progress) -> None:
    """Raise StudioError ``export.refused`` unless the law and ESPHome accept every file."""
    verdicts = [*check_model(made.model, ours=True), *check_manifest(made.manifest)]
    complaints = [_sentence(verdict) for verdict in verdicts if verdict.outcome is Outcome.FAIL]
    if not complaints:
        with _checkable(made.configuration, board) as configuration:
            result = validate(configuration, progress)
            complaints = [] if result.ok else [f"ESPHome refuses {made.configuration.name}:\n{result.message}"]
            if generate and not complaints:
                complaints = _compare_generated(made, configuration, progress)
    if complaints:
        raise StudioError(
            "export.refused",
            "The model does not pass the checks, so nothing was exported.",
            why="\n".join(complaints),
            do="Train it again; if this stays, report it together with these lines.",
        )


@contextmanager
def _checkable(configuration: Path, board: str) -> Iterator[Path]:
    """The configuration as it can be checked here: with a stand-in for what only the internet has."""
    replaced = stand_in(board, configuration.read_text("utf-8"))
    if replaced is None:
        yield configuration
        return
    ours, vendor = configuration.with_name(f"checked-{configuration.name}"), configuration.with_name(STAND_IN)
    ours.write_text(replaced[0], "utf-8")
    vendor.write_text(replaced[1], "utf-8")
    try:
        yield ours
    finally:
        ours.unlink()
        vendor.unlink()


def _compare_generated(made: Bundle, configuration: Path, progress: Progress) -> list[str]:
    lines = [line for line in generate_only(configuration, progress) if line.id == model_id(made.manifest)]
    if len(lines) != 1:
        return [f"ESPHome generated {len(lines)} models instead of one."]
    return [f"ESPHome builds something else: {text}." for text in lines[0].differences(read_manifest(made.manifest))]


def _sentence(verdict: Verdict) -> str:
    return f"{verdict.rule}: {verdict.found}, expected {verdict.expected}. {verdict.consequence}"


def _move_in(made: Bundle, out: Path) -> None:
    """Put the judged files into place: as a whole where ``out`` is new, else one by one, the configuration last."""
    folder = made.model.parent
    if not out.exists():
        folder.chmod(0o755)
        folder.rename(out)
        sync_folder(out.parent)
        return
    kept = out / made.configuration.name
    if kept.exists() and kept.read_bytes() != made.configuration.read_bytes():
        kept.replace(kept.with_name(kept.name + ".bak"))
    for file in (made.model, made.manifest, made.provenance, made.readme, made.secrets, made.configuration):
        file.replace(out / file.name)
    sync_folder(out)


def _instructions(names: Bundle, manifest: Manifest, provenance: Provenance) -> str:
    licences = "\n".join(
        f"  {count:6} clips: {licence or 'licence not stated'}"
        for licence, count in sorted(provenance.licences().items())
    )
    licences += "".join(
        f"\n  {each.hours:6.1f} hours of “{each.title}”: {each.licence}"
        f"{', not for commercial use' if each.non_commercial else ''}"
        for each in provenance.sound_sets
    )
    bound = _COMMERCIAL if any(each.non_commercial for each in provenance.sound_sets) else ""
    start = provenance.warm_start
    begun = f'  started from "{start.name}" of {start.source}: {start.licence}' if start else "  trained from scratch"
    return f"""The wake word "{manifest.wake_word}" for ESPHome, made with mww_studio {provenance.program_version}

{names.model.name:<28}the model
{names.manifest.name:<28}its manifest: what ESPHome has to know of the model
{names.configuration.name:<28}the configuration of a device, ready to be installed
{names.secrets.name:<28}its passwords and keys; keep this file to yourself
{names.provenance.name:<28}what the model was made from, and with what

To put it on a device
  1. Open {names.secrets.name} and fill in the name and the password of your network.
  2. Open {names.configuration.name} and see whether the pins and the memory are those of your board.
  3. Connect the board by USB and run, in this folder:  esphome run {names.configuration.name}
     (or copy the files into the folder of ESPHome's dashboard and install from there)
  4. Home Assistant finds the device. It asks for the key that stands in {names.secrets.name} as
     {names.configuration.stem.replace("-", "_")}_api_key.

To add the word to a device that you have already, put the model and the manifest beside its configuration and add

  micro_wake_word:
    models:
      - model: {names.manifest.name}

The first model in that list is the one that is on from the start.

What the model was made from
{licences}
{begun}
{bound}Before you publish a model, make sure that these licences allow it, and that everybody who spoke agrees.
"""
