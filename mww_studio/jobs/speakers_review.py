"""What a person makes of an analysis before anything is changed: names, groups put together and parted, clips moved."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from mww_studio.jobs.speakers import Group, Member, SpeakerAnalysis

NOBODY = -1
"""The place of clips of which nobody is sure."""


@dataclass(frozen=True)
class ReviewGroup:
    """Clips that are one voice, and the name that they get; nothing is changed where it is empty."""

    name: str
    members: tuple[Member, ...]
    sure: float
    likely: str | None = None


@dataclass(frozen=True)
class Review:
    """Groups of a project's takes, the largest first when it begins, and the takes that nobody is sure of."""

    groups: tuple[ReviewGroup, ...]
    unsure: tuple[Member, ...]

    @classmethod
    def of(cls, analysis: SpeakerAnalysis, word: str, people: Sequence[str]) -> Self:
        """The beginning. Groups are named after the known person whom they resemble, or by ``word``, such as
        “Person {number}”, with a number that none of ``people`` has."""
        taken = {name.casefold() for name in people}
        numbers = (name for number in range(1, 10_000) if (name := word.format(number=number)).casefold() not in taken)
        groups = tuple(
            ReviewGroup(group.likely or next(numbers), group.members, group.sure, group.likely)
            for group in analysis.groups
            if group.members
        )
        return cls(groups, tuple(Member(key=doubt.key, sha256=doubt.sha256, sure=0.0) for doubt in analysis.doubts))

    def keep(self, ids: set[int]) -> Self:
        """Without the clips that are not among ``ids``, and without groups that have none left."""

        def kept(members: Sequence[Member]) -> tuple[Member, ...]:
            return tuple(member for member in members if int(member.key) in ids)

        groups = tuple(replace(group, members=kept(group.members)) for group in self.groups)
        return replace(self, groups=tuple(group for group in groups if group.members), unsure=kept(self.unsure))

    def rename(self, group: int, name: str) -> Self:
        """Give a group a name."""
        return self._with({group: replace(self.groups[group], name=name)})

    def merge(self, group: int, into: int) -> Self:
        """Put a group into another, whose name stays."""
        target, source = self.groups[into], self.groups[group]
        members = target.members + source.members
        sure = min(target.sure, source.sure)
        return self._with({into: replace(target, members=members, sure=sure), group: None})

    def split(self, group: int, parts: Sequence[Group], name: str) -> Self:
        """Put parts in the place of a group: the first keeps its name, the others get ``name``."""
        old = self.groups[group]
        made = [
            ReviewGroup(old.name if not number else name, part.members, part.sure) for number, part in enumerate(parts)
        ]
        return replace(self, groups=(*self.groups[:group], *made, *self.groups[group + 1 :]))

    def move(self, key: str, to: int) -> Self:
        """Put one clip into another group, or to NOBODY."""
        (member,) = (
            one for one in (*self.unsure, *(one for group in self.groups for one in group.members)) if one.key == key
        )

        def without(members: Sequence[Member]) -> tuple[Member, ...]:
            return tuple(one for one in members if one.key != key)

        groups = [replace(group, members=without(group.members)) for group in self.groups]
        unsure = without(self.unsure)
        if to == NOBODY:
            unsure = (*unsure, member)
        else:
            groups[to] = replace(groups[to], members=(*groups[to].members, member))
        return replace(self, groups=tuple(group for group in groups if group.members), unsure=unsure)

    def free_name(self, word: str, people: Sequence[str]) -> str:
        """A name by ``word`` that nobody has."""
        taken = {name.casefold() for name in (*people, *(group.name for group in self.groups))}
        return next(name for n in range(1, 10_000) if (name := word.format(number=n)).casefold() not in taken)

    def names(self) -> dict[int, str]:
        """Who speaks in which clip, by its id; clips of groups without a name are left out."""
        return {int(one.key): group.name for group in self.groups if group.name for one in group.members}

    def _with(self, changed: dict[int, ReviewGroup | None]) -> Self:
        groups = (changed.get(number, group) for number, group in enumerate(self.groups))
        return replace(self, groups=tuple(group for group in groups if group is not None))
