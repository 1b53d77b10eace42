"""Everything that belongs beside the models of a device: manifests, ESPHome configuration, secrets, instructions."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from mww_studio.constitution.manifest import check_manifest, read_manifest, write_manifest
from mww_studio.constitution.model import check_model
from mww_studio.constitution.verdicts import Outcome
from mww_studio.durable import sync_folder
from mww_studio.errors import StudioError
from mww_studio.esphome.boards import board
from mww_studio.esphome.config import STAND_IN, DeviceWord, device_name, model_ids, render, stand_in
from mww_studio.esphome.masking import mask_for
from mww_studio.esphome.program import generate_only, validate
from mww_studio.esphome.secrets import SECRETS, complete_secrets, read_secrets, write_secrets
from mww_studio.export.instructions import instructions
from mww_studio.export.provenance import PROVENANCE, Provenance
from mww_studio.export.words import DeviceOrder, Word, apart, fit, read_word, sentence
from mww_studio.export.words_beside import licence_name
from mww_studio.progress import Progress

README = "README.txt"


@dataclass(frozen=True)
class Bundle:
    """The files of a finished export, all in one folder.

    ``models`` and ``manifests``: one each for every wake word, in their order, a voice activity model's last.
    ``licences``: the texts that came with some of them. ``provenance``: where this program made the first model.
    ``remarks``: what a person should bear in mind.
    """

    models: tuple[Path, ...]
    manifests: tuple[Path, ...]
    configuration: Path
    secrets: Path
    readme: Path
    provenance: Path | None
    licences: tuple[Path, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def model(self) -> Path:
        """The model of the first wake word."""
        return self.models[0]

    @property
    def manifest(self) -> Path:
        """The manifest of the first wake word."""
        return self.manifests[0]

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them, in the order in which they may appear: the configuration, which needs the others, last."""
        provenance = () if self.provenance is None else (self.provenance,)
        return (
            *self.models,
            *self.manifests,
            *self.licences,
            *provenance,
            self.readme,
            self.secrets,
            self.configuration,
        )

    def summary(self) -> dict[str, str]:
        """Where the files are that a person asks for first."""
        provenance = {} if self.provenance is None else {"provenance": str(self.provenance)}
        return {
            "model": str(self.model),
            "manifest": str(self.manifest),
            "configuration": str(self.configuration),
            **provenance,
        }


def write_bundle(
    out: Path,
    words: Sequence[Word],
    order: DeviceOrder,
    *,
    provenance: Provenance | None = None,
    generate: bool = False,
    progress: Progress | None = None,
) -> Bundle:
    """Put ``words``, what ``order`` adds to them, and all that they need into the folder ``out``, once it is checked.

    The files are made and judged in a folder beside ``out`` first, so a failing check changes nothing. In a folder
    that is already there secrets.yaml keeps its lines, a configuration that was edited stays as ``.yaml.bak``, and
    foreign files are left alone. ``generate`` also lets ESPHome write its C++ and compares it with the manifests.

    Raises StudioError ``export.refused`` with the failing verdicts, ``export.unwritable``, ``secrets.unreadable``,
    ``board.unknown``, those of reading a word, of fitting them together and of the esphome program; Cancelled leaves
    nothing behind.
    """
    progress, out = progress or Progress(), out.resolve()
    heard = [*words, *map(read_word, order.further), *([read_word(order.vad, vad=True)] if order.vad else [])]
    remarks = fit(heard, board(order.board))
    name = order.name.strip() or heard[0].manifest.wake_word
    stems = apart(heard)
    licensed = [stem for stem, word in zip(stems, heard, strict=True) if word.licence is not None]
    place = partial(_files, stems=stems, licensed=licensed, name=name, made_here=provenance is not None)
    try:
        with _workshop(out) as folder:
            made = place(folder)
            _write(made, heard, name, order, provenance, read_secrets(out / SECRETS))
            _judge(made, heard, order.board, generate, progress)
            _move_in(made, out)
    except OSError as error:
        raise StudioError(
            "export.unwritable",
            f"The model could not be exported to {out}.",
            why=f"{error.strerror or error}.",
            do="Choose a folder that you may write to, on a disk with room.",
        ) from error
    return replace(place(out), remarks=remarks)


def bundle_files(folder: Path, wake_word: str) -> Bundle:
    """Where the files of a wake word of ours lie in an export's folder."""
    return _files(folder, stems=[own_stem(wake_word)], licensed=[], name=wake_word, made_here=True)


def own_stem(wake_word: str) -> str:
    """What the files of a wake word are called."""
    return device_name(wake_word).replace("-", "_")


def _files(folder: Path, *, stems: Sequence[str], licensed: Sequence[str], name: str, made_here: bool) -> Bundle:
    return Bundle(
        models=tuple(folder / f"{stem}.tflite" for stem in stems),
        manifests=tuple(folder / f"{stem}.json" for stem in stems),
        configuration=folder / f"{device_name(name)}.yaml",
        secrets=folder / SECRETS,
        readme=folder / README,
        provenance=folder / PROVENANCE if made_here else None,
        licences=tuple(folder / licence_name(stem) for stem in licensed),
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


def _write(
    made: Bundle, heard: Sequence[Word], name: str, order: DeviceOrder, provenance: Provenance | None, present: str
) -> None:
    """Every file, unchecked. ``present``: the secrets that are there already."""
    spoken = []
    vad = None
    for word, model, manifest in zip(heard, made.models, made.manifests, strict=True):
        model.write_bytes(word.model)
        write_manifest(replace(word.manifest, model=model.name), manifest, vad=word.vad)
        if word.licence is not None:
            _licence_of(model).write_bytes(word.licence)
        described = DeviceWord(manifest, word.sensitivities, tuple(_remarks(word, model)))
        if word.vad:
            vad = described
        else:
            spoken.append(described)
    configuration = render(order.board, spoken, name, vad)
    made.configuration.write_text(configuration, "utf-8")
    write_secrets(made.secrets, complete_secrets(configuration, present))
    if provenance is not None and made.provenance is not None:
        made.provenance.write_text(provenance.model_dump_json(indent=2) + "\n", "utf-8")
    wake_words = [word.manifest.wake_word for word in heard if not word.vad]
    purposes = list(_purposes(made, heard))
    made.readme.write_text(
        instructions(purposes, made.configuration, wake_words, board(order.board), provenance), "utf-8"
    )


def _licence_of(model: Path) -> Path:
    return model.with_name(licence_name(model.stem))


def _remarks(word: Word, model: Path) -> Iterator[str]:
    """What to know of a model that somebody added."""
    if word.ours:
        return
    if not word.sensitivities and not word.vad:
        yield "No sensitivities were measured here for this model, so it has no sensitivity select."
    if word.licence is not None:
        yield f"The licence of this model is in {_licence_of(model).name}."
    else:
        who = "author tells" if word.manifest.website is None else "author and website tell"
        yield f"No licence text lay beside this model: the manifest's {who} under which licence it may be used."


def _purposes(made: Bundle, heard: Sequence[Word]) -> Iterator[tuple[Path, str]]:
    for word, model, manifest in zip(heard, made.models, made.manifests, strict=True):
        yield model, "hears whether anybody speaks" if word.vad else f'the model of "{word.manifest.wake_word}"'
        yield manifest, "its manifest: what ESPHome has to know of the model"
        if word.licence is not None:
            yield _licence_of(model), "its licence, which lay beside it"
    yield made.configuration, "the configuration of a device, ready to be installed"
    yield made.secrets, "its passwords and keys; keep this file to yourself"
    if made.provenance is not None:
        yield made.provenance, "what the model was made from, and with what"


def _judge(made: Bundle, heard: Sequence[Word], name_of_board: str, generate: bool, progress: Progress) -> None:
    """Raise StudioError ``export.refused`` unless the law and ESPHome accept every file."""
    complaints = []
    for word, model, manifest in zip(heard, made.models, made.manifests, strict=True):
        verdicts = [*check_model(model, ours=word.ours), *check_manifest(manifest, vad=word.vad)]
        broken = [sentence(verdict) for verdict in verdicts if verdict.outcome is Outcome.FAIL]
        complaints += [f"{model.name}: {text}" for text in broken]
    if not complaints:
        with _checkable(made.configuration, name_of_board) as configuration:
            if generate:
                complaints = _compare_generated(made, heard, configuration, progress)
            else:
                result = validate(configuration, progress)
                complaints = [] if result.ok else [_refused(configuration, made, result.message)]
    if complaints:
        ours = any(word.ours for word in heard)
        raise StudioError(
            "export.refused",
            f"{'The model does' if len(heard) == 1 else 'The models do'} not pass the checks, so nothing was exported.",
            why="\n".join(complaints),
            do="Train it again; if this stays, report it together with these lines."
            if ours
            else "Use another model, or tell its author these lines.",
        )


@contextmanager
def _checkable(configuration: Path, name_of_board: str) -> Iterator[Path]:
    """The configuration as it can be checked here: with a stand-in for what only the internet has."""
    replaced = stand_in(name_of_board, configuration.read_text("utf-8"))
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


def _compare_generated(made: Bundle, heard: Sequence[Word], configuration: Path, progress: Progress) -> list[str]:
    """Where ESPHome would build something else than the manifests say, or nothing at all."""
    spoken = [manifest for manifest, word in zip(made.manifests, heard, strict=True) if not word.vad]
    try:
        lines = {line.id: line for line in generate_only(configuration, progress)}
    except StudioError as error:
        if error.code != "esphome.refused":
            raise
        return [_refused(configuration, made, error.why)]
    complaints = []
    for name, manifest in zip(model_ids(spoken), spoken, strict=True):
        if name not in lines:
            complaints.append(f"ESPHome builds nothing of {manifest.name}.")
            continue
        told = lines[name].differences(read_manifest(manifest))
        complaints += [f"ESPHome builds something else of {manifest.name}: {text}." for text in told]
    return complaints


def _refused(configuration: Path, made: Bundle, said: str) -> str:
    """What ESPHome says against the configuration, without what only the person may know."""
    return f"ESPHome refuses {made.configuration.name}:\n{mask_for(configuration, '').hide(said)}"


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
    for file in made.files:
        place = out / file.name
        if file == made.secrets and place.exists() and place.read_bytes() == file.read_bytes():
            place.chmod(0o600)  # nothing was missing: it stays the file, or the link, that it is
        else:
            file.replace(place)
    sync_folder(out)
