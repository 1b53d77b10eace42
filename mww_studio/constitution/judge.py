"""Turns the outcome of one check into a verdict, with the words and the level that the law gives the rule."""

from mww_studio.constitution.articles import law
from mww_studio.constitution.verdicts import Level, Outcome, Verdict


class Judge:
    """Collects the verdicts about one file. ``ours``: a file that this program writes, so WRITER rules bind."""

    def __init__(self, *, ours: bool) -> None:
        self.ours = ours
        self.verdicts: list[Verdict] = []

    def rule(self, code: str, holds: bool, found: object, expected: object) -> bool:
        """Record the verdict on the rule ``code`` and return ``holds``."""
        rule = law().rules[code]
        binding = rule.level is Level.MUST or (self.ours and rule.level is Level.WRITER)
        outcome = Outcome.PASS if holds else Outcome.FAIL if binding else Outcome.WARN
        article = code.partition(".")[0]
        self.verdicts.append(Verdict(article, code, rule.level, outcome, str(found), str(expected), rule.breaks))
        return holds
