"""What somebody wants of the computer voices of a project: other spellings of the word, and how much they say."""

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mww_studio.corpus.phrases import Nearness, NearPhrase
from mww_studio.durable import write_durably
from mww_studio.jobs.voices import VoicesSpec, cores, shares_of, usable_engines
from mww_studio.jobs.voices_listing import seconds_of
from mww_studio.presets import Synthesis
from mww_studio.project.records import ClipKind
from mww_studio.project.storage import storage_errors
from mww_studio.project.store import Project

FILE = "voices.json"


class Wishes(BaseModel):
    """Kept in the project's folder. The counts are those that were asked for last; None: the preset's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    respellings: tuple[str, ...] = ()
    takes: int | None = Field(None, ge=0)
    near: int | None = Field(None, ge=0)
    sentences: int | None = Field(None, ge=0)

    def settings(self, preset: Synthesis) -> Synthesis:
        """The preset's settings with these counts."""
        counts = {"takes": self.takes, "near": self.near, "sentences": self.sentences}
        return preset.model_copy(update={name: count for name, count in counts.items() if count is not None})


def read_wishes(project: Project) -> Wishes:
    """What was wanted last; a file that cannot be read is as good as none: nothing but wishes is in it."""
    try:
        return Wishes.model_validate_json((project.folder / FILE).read_bytes())
    except (OSError, ValidationError):
        return Wishes()


def write_wishes(project: Project, wishes: Wishes) -> None:
    """Keep them. Raises StudioError as every change of a project does."""
    project.check_writable()
    with storage_errors(project.folder):
        write_durably(project.folder / FILE, wishes.model_dump_json(indent=1).encode())


def expected_s(settings: Synthesis, language: str) -> float:
    """How long the voices of this computer speak, in seconds, about; 0 where there are none."""
    some = (NearPhrase("some", Nearness.WORD, 0.5),)
    spec = VoicesSpec(
        spellings=("word",),
        language=language,
        near=some,
        takes=settings.takes,
        near_takes=settings.near,
        sentences=settings.sentences,
        settings=settings,
    )
    usable, _ = usable_engines(spec)
    busy = []
    for engine in usable:
        share = shares_of(spec, usable, engine)
        busy.append(seconds_of(engine.name, share[ClipKind.WAKE_WORD] + share[ClipKind.NEAR], share[ClipKind.SPEECH]))
    if not busy:
        return 0.0
    side_by_side = settings.processes or max(1, cores() // len(busy))
    return max(sum(busy) / cores(), max(busy) / side_by_side)
