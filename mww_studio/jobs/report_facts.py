"""What a run was made of: recordings with their hours, licences, settings, versions."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from mww_studio.evaluation.html_report_content import FactTable
from mww_studio.export.provenance import Provenance
from mww_studio.jobs.results import Results
from mww_studio.jobs.wording import counted
from mww_studio.project.records import Clip, ClipKind, Split

_KINDS = {
    ClipKind.WAKE_WORD: "the wake word",
    ClipKind.NEAR: "near-sounding",
    ClipKind.SPEECH: "other talk",
    ClipKind.AMBIENCE: "room sound",
    ClipKind.RIR: "room echo",
}
_DIGEST = 16


@dataclass
class _Sum:
    clips: int = 0
    seconds: float = 0.0

    def add(self, clip: Clip) -> None:
        self.clips += 1
        self.seconds += clip.duration_s

    @property
    def text(self) -> str:
        """Such as “24 clips, 0.01 h”."""
        return f"{counted(self.clips, 'clip')}, {self.seconds / 3600:.2f} h" if self.clips else "–"


def describe_data(results: Results) -> tuple[FactTable, ...]:
    """The run, its recordings, their licences, and the program's parts."""
    provenance = _provenance(results)
    tables = [
        FactTable(title="This run", head=("", ""), rows=tuple(_run(results, provenance))),
        FactTable(
            title="Recordings",
            head=("", "learned from", "chose the cut-off", "examined"),
            rows=tuple(_recordings(results)),
        ),
        FactTable(title="Licences", head=("", "recordings"), rows=tuple(_licences(results.spec.clips))),
    ]
    if provenance is not None and provenance.sound_sets:
        head = ("", "licence", "hours", "from")
        tables.append(FactTable(title="Sets of other sound", head=head, rows=tuple(_sets(provenance))))
    if provenance is not None:
        packages = tuple(sorted(provenance.packages.items()))
        tables.append(FactTable(title="Software", head=("package", "version"), rows=packages))
    return tuple(tables)


def _run(results: Results, provenance: Provenance | None) -> Iterator[tuple[str, str]]:
    spec, point = results.spec, results.report.operating_point
    yield "wake word", spec.wake_word
    yield "language", spec.language
    yield "preset", spec.preset.name
    yield "seed", str(spec.seed)
    yield "cut-off", f"{point.cutoff:g}, the byte {results.cutoff_byte}"
    yield "sliding window", f"{point.sliding_window_size} answers of the model"
    yield "goal", f"{point.target_per_hour:g} wakes by mistake an hour"
    yield "memory on the device", f"{results.report.arena_bytes} bytes"
    yield "measured with", results.report.scorecard.runtime
    if provenance is not None:
        began = provenance.warm_start
        yield "began with", f"{began.name} ({began.source}, {began.licence})" if began else "nothing, from scratch"
        yield "made with", f"{provenance.program} {provenance.program_version}, {provenance.system}"
        yield "model", f"sha256 {provenance.model_sha256[:_DIGEST]}…"
        yield "settings", f"sha256 {provenance.settings_sha256[:_DIGEST]}…"
        yield "recordings", f"sha256 {provenance.clips_sha256[:_DIGEST]}…"


def _recordings(results: Results) -> Iterator[tuple[str, ...]]:
    sums: defaultdict[tuple[ClipKind, bool, Split], _Sum] = defaultdict(_Sum)
    for clip in results.spec.clips:
        sums[clip.kind, clip.synthetic, results.spec.splits[clip.id]].add(clip)
    for kind, name in _KINDS.items():
        for synthetic in (False, True):
            sides = [sums[kind, synthetic, split] for split in Split]
            if any(one.clips for one in sides):
                yield (f"{name}, computer voices" if synthetic else name, *(one.text for one in sides))
    spoken = [
        {clip.speaker for clip in results.spec.clips if _says_the_word(clip) and results.spec.splits[clip.id] is split}
        for split in Split
    ]
    yield ("people who say the wake word", *(str(len(names)) for names in spoken))


def _says_the_word(clip: Clip) -> bool:
    return clip.kind is ClipKind.WAKE_WORD and not clip.synthetic and clip.speaker is not None


def _licences(clips: Iterable[Clip]) -> Iterator[tuple[str, str]]:
    sums: defaultdict[str, _Sum] = defaultdict(_Sum)
    for clip in clips:
        sums[clip.licence].add(clip)
    for licence, found in sorted(sums.items()):
        yield licence or "not stated", found.text


def _sets(provenance: Provenance) -> Iterator[tuple[str, ...]]:
    for one in provenance.sound_sets:
        licence = f"{one.licence or 'not stated'}{', not for sale' if one.non_commercial else ''}"
        yield one.title, licence, f"{one.hours:.1f}", one.source or "a folder"


def _provenance(results: Results) -> Provenance | None:
    """What was written beside the model, unless it is gone or of another version."""
    try:
        return Provenance.model_validate_json(results.files["provenance"].read_bytes())
    except (KeyError, OSError, ValidationError):
        return None
