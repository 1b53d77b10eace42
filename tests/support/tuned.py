"""What a tuning leaves behind, without a tuning."""

from pretended_pool import point

from mww_studio.evaluation.scorecard import count_rate, count_recall
from mww_studio.jobs.tuning_records import (
    Ending,
    Judged,
    Measured,
    TrialRecord,
    TrialSettings,
    TrialState,
    TuneSpec,
    TuningOutcome,
)

SETTINGS = TrialSettings(
    learning_rate=1e-4, positive_weight=1, negative_weight=2, hard_negative_weight=1, augmentation_strength=1
)


def trial(number: int, value: float, detected: int) -> TrialRecord:
    judged = Judged(value=value, point=point(detected=detected, clips=20, high=0.5), noisy=None)
    return TrialRecord(
        number=number, settings=SETTINGS, state=TrialState.DONE, value=value, keys=("k",), judged=(judged,)
    )


def measured(detected: int, wrong: int, clips: int = 30) -> Measured:
    """So many of the clips were heard, and so often it woke by mistake in 2.5 hours."""
    return Measured(recall=count_recall(clips, detected), false_accepts=count_rate(2.5, wrong))


def outcome(spec: TuneSpec, winner: TrialRecord | None, after: Measured | None = None) -> TuningOutcome:
    """``after``: what the winner reached on the test."""
    return TuningOutcome(
        ending=Ending.TRIALS,
        original=spec.run_id,
        before_validation=measured(17, 1, 20),
        before_test=measured(25, 2),
        winner=winner,
        after_validation=measured(20, 0, 20) if winner else None,
        after_test=(after or measured(28, 1)) if winner else None,
    )
