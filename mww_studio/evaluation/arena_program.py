"""A program of its own, because tflite-micro ends its process on a bad model and reports to file descriptor 2.

Usage: arena_program.py MODEL ARENA_BYTES. Allocates the model and prints tflite-micro's account of the arena.
"""

import sys
from pathlib import Path

from tflite_micro.python.tflite_micro import runtime


def main() -> None:
    """Allocate the model named on the command line."""
    content, arena_bytes = Path(sys.argv[1]).read_bytes(), int(sys.argv[2])
    runtime.Interpreter.from_bytes(content, arena_size=arena_bytes).print_allocations()


if __name__ == "__main__":
    main()
