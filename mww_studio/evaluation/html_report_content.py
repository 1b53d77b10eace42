"""What the report of a run says, before it is a page: figures with their units, names as people gave them."""

from mww_studio.evaluation.calibration import Separation
from mww_studio.evaluation.operating_point import OperatingPoint
from mww_studio.evaluation.pairing import PairedMistakes, PairedTakes
from mww_studio.evaluation.scorecard import Figures, Recall, Scorecard


class Moment(Figures):
    """A sound worth hearing. ``time_s``: where in it, in seconds; ``certainty``: the highest mean over the window
    there, 0 to 1, None where the whole sound is meant. ``link``: where it is, from the page; None where
    it is gone, or never was more than features of a published set."""

    name: str
    about: str
    time_s: float
    certainty: float | None
    link: str | None


class Group(Figures):
    """Takes that have something in common, and how each condition heard them, in the order of the conditions."""

    name: str
    note: str
    recalls: tuple[Recall, ...]


class Grouping(Figures):
    """All takes of the test, parted by one thing."""

    title: str
    note: str
    groups: tuple[Group, ...]


class FactTable(Figures):
    """Facts as lines; ``head`` names the columns."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class PairedCondition(Figures):
    """The same takes heard by two runs in one condition."""

    name: str
    takes: PairedTakes


class Comparison(Figures):
    """This run beside another one, on the recordings that examined both. In pairs the other one comes first, so that
    what this one has more of is above 0.

    ``same_test``: whether those are all of both; else ``differences`` says how the tests differ. ``own``, ``other``:
    what each gives on the common recordings at its own cut-off; None where there are none.
    """

    other_name: str
    other_about: str
    same_test: bool
    differences: tuple[str, ...]
    own: Scorecard | None = None
    other: Scorecard | None = None
    takes: tuple[PairedCondition, ...] = ()
    mistakes: PairedMistakes | None = None
    only_own: tuple[Moment, ...] = ()
    only_other: tuple[Moment, ...] = ()


class HtmlReport(Figures):
    """Everything that the page says. ``tone``: ``ok``, ``warn``, ``bad`` or ``info``, how good the verdict is.

    ``conditions``: the first carries the verdict. ``separation``: None where there are no takes or no other sound.
    """

    wake_word: str
    run_name: str
    run_about: str
    made_on: str
    tone: str
    verdict_title: str
    verdict_text: str
    remarks: tuple[str, ...]
    operating_point: OperatingPoint
    conditions: dict[str, Scorecard]
    separation: Separation | None
    delays_s: tuple[float, ...]
    groupings: tuple[Grouping, ...]
    missed: tuple[Moment, ...]
    mistakes: tuple[Moment, ...]
    nearest: tuple[Moment, ...]
    comparisons: tuple[Comparison, ...]
    facts: tuple[FactTable, ...]
    untested: tuple[str, ...]
