"""The program: the window without arguments, the command line with them, a worker with ``--worker``."""

import sys


def main() -> int:
    """Run what the arguments ask for; returns the exit status."""
    if len(sys.argv) == 3 and sys.argv[1] == "--worker":
        from mww_studio.jobs.worker import run_worker

        return run_worker(sys.argv[2])
    if len(sys.argv) == 1:
        return _window()
    from mww_studio.cli import main as command_line

    return command_line()


def _window() -> int:
    """Open the window; where that cannot be, say what can."""
    try:
        from mww_studio.ui import application
    except ImportError as error:  # a library of the system that Qt needs
        print(f"The window cannot open: {error}.", file=sys.stderr)  # noqa: T201
        print("Everything can be done on the command line too: mww-studio --help", file=sys.stderr)  # noqa: T201
        return 2
    missing = application.display_missing()
    if missing:
        print(missing, file=sys.stderr)  # noqa: T201
        return 2
    return application.main()


if __name__ == "__main__":
    sys.exit(main())
