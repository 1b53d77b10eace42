"""Whether a device is there at all, asked before the minutes that a build takes."""

import sys
from pathlib import Path

from mww_studio.errors import StudioError
from mww_studio.esphome.child import Child
from mww_studio.esphome.reach_program import ANSWERING_S, FINDING_S, Answer
from mww_studio.progress import Progress

_LONGEST_S = 60.0


def check_answers(address: str, port: int, folder: Path, progress: Progress) -> None:
    """Make sure that somebody answers at ``address``; who is there but refuses ``port`` is only logged.

    The configuration may name another port, which esphome finds out for itself. ``folder``: where the child process
    keeps what it has to. Raises StudioError ``flash.no_answer``, and Cancelled.
    """
    progress.log(f"Asking whether {address} answers.")
    command = [sys.executable, "-P", "-m", "mww_studio.esphome.reach_program", address, str(port)]
    with Child(command, folder, folder) as child:
        said = list(child.lines(progress, _LONGEST_S))
    answer = said[-1] if said else ""
    if answer == Answer.REFUSED:
        progress.log(f"{address} is there, but takes no update on port {port} now. It is asked again after the build.")
    elif answer in (Answer.SILENT, Answer.UNKNOWN):
        silent = f"Port {port}, where devices take updates, was called for {ANSWERING_S:.0f} seconds."
        unknown = f"Nobody in this network said for {FINDING_S:.0f} seconds that this is their name."
        raise StudioError(
            "flash.no_answer",
            f"The device did not answer on {address}.",
            why=f"{silent if answer == Answer.SILENT else unknown} Nothing was built yet.",
            do="Look whether it has power and is on this network, or choose its address anew, and try again.",
        )
