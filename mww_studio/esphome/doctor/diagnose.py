"""Looks a configuration through: every check, each finding once, the worst first."""

from collections.abc import Mapping as Map
from dataclasses import dataclass
from pathlib import Path

from mww_studio.esphome.doctor.chart import LISTENER, Chart, MeasureArena
from mww_studio.esphome.doctor.findings import Finding, Severity
from mww_studio.esphome.doctor.models import check_models
from mww_studio.esphome.doctor.obsolete import check_old_options
from mww_studio.esphome.doctor.reading import Config, read_config
from mww_studio.esphome.doctor.secret_values import check_secrets
from mww_studio.esphome.doctor.sound import check_sound
from mww_studio.esphome.doctor.tree import Mapping
from mww_studio.esphome.doctor.wiring import check_wiring

_ORDER = list(Severity)
_FETCHED = {"model.network", "vad.network"}


@dataclass(frozen=True)
class Diagnosis:
    """What was found in a configuration. ``online``: ESPHome needs the internet to judge it."""

    config: Config
    findings: tuple[Finding, ...]
    online: bool

    @property
    def complete(self) -> bool:
        """Whether all of it was read."""
        return self.config.complete

    def count(self, severity: Severity) -> int:
        """How many findings are so bad."""
        return sum(finding.severity is severity for finding in self.findings)


def diagnose(path: Path, measure: MeasureArena, overlay: Map[Path, bytes] | None = None) -> Diagnosis:
    """Look at the configuration in ``path``; ``overlay``: files as they would be. Changes nothing.

    Raises StudioError where the file itself cannot be read, as :func:`read_config` does.
    """
    config = read_config(path, overlay)
    chart = Chart(config, overlay or {})
    for obstacle in config.obstacles:
        severity = Severity.HINT if obstacle.hint else Severity.ERROR
        chart.find(obstacle.code, severity, obstacle.what, obstacle.do, obstacle.item)
    _check_keys(chart)
    check_models(chart, measure)
    check_sound(chart)
    check_wiring(chart)
    check_old_options(chart)
    check_secrets(chart)
    found = {(one.code, one.place, one.edits): one for one in chart.findings}
    shown = [source.path for source in config.sources]
    ordered = sorted(
        found.values(),
        key=lambda one: (
            _ORDER.index(one.severity),
            shown.index(one.place.path) if one.place.path in shown else len(shown),
            one.place.line,
        ),
    )
    return Diagnosis(config, tuple(ordered), _is_online(chart))


def _is_online(chart: Chart) -> bool:
    """Whether a package or a model is fetched."""
    codes = {finding.code for finding in chart.findings}
    addresses = any(keys[:1] == (LISTENER,) and "://" in text for keys, text in chart.walk())
    return addresses or not chart.config.complete or not codes.isdisjoint(_FETCHED)


def _check_keys(chart: Chart) -> None:
    """Keys of one part that stand twice; the second would silently win, were it not refused."""
    for mapping in [chart.config.root, *(one.value for one in chart.config.root.entries)]:
        seen: set[tuple[str, Path]] = set()
        for entry in mapping.entries if isinstance(mapping, Mapping) else ():
            key = (entry.key.text, entry.key.source.path)
            if key in seen:
                said = f"{entry.key.text} stands twice in one place, so ESPHome refuses the file."
                chart.error("key.twice", said, "Make one of both.", entry)
            seen.add(key)
