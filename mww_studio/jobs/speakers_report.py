"""Who seems to speak, in words."""

from mww_studio.jobs.speakers import Doubt, SpeakerAnalysis
from mww_studio.jobs.wording import counted

CLEAR, LIKELY = 0.35, 0.15
"""How sure a clip or a group is at least that is called clear, and likely."""


def how_sure(sure: float) -> str:
    """In a word."""
    return "clear" if sure >= CLEAR else "likely" if sure >= LIKELY else "doubtful"


def describe_analysis(analysis: SpeakerAnalysis) -> str:
    """For people: the groups, how sure they are, and what to do with them."""
    clips = sum(len(group.members) for group in analysis.groups)
    lines = [
        f"{counted(clips + len(analysis.doubts), 'clip')} of the kind {analysis.clip_kind} in {analysis.place}",
        f"Voices told apart by {analysis.embedder}; " + _how(analysis),
        "",
        f"{counted(len(analysis.groups), 'group')}, {len(analysis.doubts)} not sure",
    ]
    for number, group in enumerate(analysis.groups, 1):
        likely = f"; sounds like {group.likely}" if group.likely else ""
        weak = sum(member.sure < LIKELY for member in group.members)
        lines.append(
            f"  {number:2}  {counted(len(group.members), 'clip'):>10}  {how_sure(group.sure):8} ({group.sure:.2f})"
            + (f", {weak} of them doubtful" if weak else "")
            + likely
        )
        lines.append("      listen to: " + ", ".join(member.key for member in group.members[:3]))
    if analysis.doubts:
        lines += ["", "Not sure:"]
        lines += [f"  {doubt.key}: {_why(doubt)}" for doubt in analysis.doubts]
    lines += [
        "",
        f"Distances: up to {analysis.widest:.2f} within a group"
        + (f", {analysis.nearest:.2f} between the two nearest ones." if analysis.nearest is not None else "."),
        "How sure: how much nearer the clips of a group are to each other than to the next group, as a part of that",
        f"distance; {CLEAR} and more is clear, less than {LIKELY} doubtful. It is a measure, not a proof: listen.",
        "Two people in one group do less harm than one person in two groups; give groups of one person the same name.",
    ]
    return "\n".join(lines) + "\n"


def _how(analysis: SpeakerAnalysis) -> str:
    if analysis.people is not None:
        return f"{counted(analysis.people, 'person', 'people')} asked for."
    if analysis.threshold is not None:
        return f"groups nearer than {analysis.threshold:g} on average were put together."
    return "the number of people chosen from the recordings themselves."


def _why(doubt: Doubt) -> str:
    near = f", nearest to group {doubt.group + 1}" if doubt.group is not None else ""
    return {
        "between": "between two groups",
        "alone": "a voice of its own",
        "speech": "no speech was found in it",
        "readable": "it cannot be read",
    }[doubt.why] + (f": {doubt.detail}" if doubt.detail else near)
