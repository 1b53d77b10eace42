"""Stands in for the program flite: hums as many syllables as the text has vowels, a little differently each time.

Run as ``fake_flite.py -voice NAME --setf duration_stretch=X -t TEXT -o OUT``. The environment variable FAKE_FLITE says
what goes wrong: ``hang``, ``garbage`` or ``die`` after as many lines as the file FAKE_FLITE_COUNT has letters.
"""

import array
import math
import os
import sys
import time
import wave
import zlib
from pathlib import Path

RATE = 8000
VOWELS = "aeiouy"


def main(arguments: list[str]) -> None:
    options = dict(zip(arguments[::2], arguments[1::2], strict=True))
    trouble = os.environ.get("FAKE_FLITE", "")
    if trouble and lines_before() >= int(os.environ.get("FAKE_FLITE_AFTER", "0")):
        if trouble == "hang":
            time.sleep(600)
        if trouble == "die":
            sys.exit("no voice here")
        Path(options["-o"]).write_bytes(b"Welcome to flite")
        return
    with wave.open(options["-o"], "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(hum(options["-t"], float(options["--setf"].split("=")[1]), options["-voice"]).tobytes())


def lines_before() -> int:
    path = Path(os.environ["FAKE_FLITE_COUNT"])
    with path.open("a") as file:
        file.write("x")
    return path.stat().st_size - 1


def hum(text: str, stretch: float, voice: str) -> "array.array[int]":
    seed = zlib.crc32(f"{text}{stretch}{voice}".encode())
    hz = 100 + seed % 60
    letters = [letter for letter in text.lower() if letter in VOWELS] or ["a"]
    length = round(0.16 * stretch * RATE)
    quiet = array.array("h", [(seed >> shift) % 5 - 2 for shift in range(24)] * 100)
    sound = array.array("h")
    for letter in letters:
        formant = 400 + 300 * VOWELS.index(letter)
        for n in range(length):
            t = n / RATE
            loud = 5000 * math.sin(math.pi * n / length) ** 0.5
            wave_ = math.sin(2 * math.pi * hz * t) + math.sin(2 * math.pi * (formant - formant % hz) * t)
            sound.append(round(loud * wave_))
    return quiet + sound + quiet


if __name__ == "__main__":
    main(sys.argv[1:])
