"""The program: the window without arguments, the command line with them, a worker with ``--worker``."""

import sys


def main() -> int:
    """Run what the arguments ask for; returns the exit status."""
    if len(sys.argv) == 3 and sys.argv[1] == "--worker":
        from mww_studio.jobs.worker import run_worker

        return run_worker(sys.argv[2])
    from mww_studio.cli import main as command_line

    return command_line()


if __name__ == "__main__":
    sys.exit(main())
