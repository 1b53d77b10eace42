"""10,000 takes of a computer voice: stopped after some thousand, taken up again, and added to a project.

python benchmarks/many_takes.py [TAKES]

Everything is the program's own but for the voice: a small program that hums stands in place of flite on the PATH,
because a real voice would take hours. Needs gcc. Prints how long each part took, how fast it stopped, and how much
memory the program and its worker held at most.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

VOICE = r"""
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int count, char **words) {
    const char *text = "", *out = "", *stretch = "1";
    uint32_t seed = 2166136261u;
    for (int i = 1; i + 1 < count; i += 2) {
        if (!strcmp(words[i], "-t")) text = words[i + 1];
        if (!strcmp(words[i], "-o")) { out = words[i + 1]; continue; }
        if (!strcmp(words[i], "--setf")) stretch = strchr(words[i + 1], '=') + 1;
        for (const char *c = words[i + 1]; *c; c++) seed = (seed ^ (uint32_t)*c) * 16777619u;
    }
    int rate = 16000, quiet = 4000, n = 0, each = (int)(0.16 * atof(stretch) * rate);
    double hz = 100 + seed % 60;
    int16_t *pcm = calloc(rate * 20, 2);
    for (; n < quiet; n++) pcm[n] = (seed >> (n % 24)) % 5 - 2;
    for (const char *c = text; *c; c++)
        if (strchr("aeiouy", *c))
            for (int k = 0; k < each; k++, n++) {
                double t = (double)k / rate, f = hz * (4 + (*c % 13));
                pcm[n] = 5000 * sqrt(sin(M_PI * k / each)) * (sin(2 * M_PI * hz * t) + sin(2 * M_PI * f * t));
            }
    for (int k = 0; k < quiet; k++, n++) pcm[n] = (seed >> (k % 24)) % 5 - 2;
    uint32_t head[11] = {0x46464952, 36 + 2 * n, 0x45564157, 0x20746d66, 16, 0x00010001, rate, 2 * rate, 0x00100002,
                         0x61746164, 2 * n};
    FILE *file = fopen(out, "wb");
    fwrite(head, 4, 11, file);
    fwrite(pcm, 2, n, file);
    return fclose(file);
}
"""


def main(takes: int) -> None:
    """Make the takes, stop, go on, and print what it cost."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        environment = stage(folder)
        project, cache = folder / "project", folder / "cache" / "mww-studio" / "speech"
        studio("new", str(project), "--wake-word", "hey computer", environment=environment).wait()
        asked = ("--takes", str(takes), "--near", "0", "--sentences", "0", "--engine", "flite")

        start = time.monotonic()
        first = studio("synthesise", str(project), *asked, environment=environment)
        most = watch(first, lambda: kept(cache) >= takes // 3)
        said_s = time.monotonic() - start
        first.send_signal(signal.SIGINT)
        stopped = time.monotonic()
        status = first.wait()
        print(f"stopped after {kept(cache)} of {takes} takes and {said_s:.0f} s; status {status}")
        print(f"  gone {time.monotonic() - stopped:.2f} s after Ctrl-C; at most {most / 1e6:.0f} MB")
        print(f"  clips in the project: {clips(project, environment)}")

        start = time.monotonic()
        second = studio("synthesise", str(project), "--resume", "--json", environment=environment)
        most = watch(second, lambda: False)
        said = json.loads(second.stdout.read()) if second.stdout else {}
        print(f"went on and came to its end in {time.monotonic() - start:.0f} s; at most {most / 1e6:.0f} MB")
        print(f"  added {said['added']}, left out {said['rejected']}; in the project: {clips(project, environment)}")


def stage(folder: Path) -> dict[str, str]:
    """An environment in which flite is ours, and nothing else is touched."""
    (folder / "voice.c").write_text(VOICE)
    programs = folder / "programs"
    programs.mkdir()
    compiler = shutil.which("gcc")
    if compiler is None:
        raise SystemExit("gcc is needed")
    subprocess.run([compiler, "-O2", str(folder / "voice.c"), "-o", str(programs / "flite"), "-lm"], check=True)
    return os.environ | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "XDG_CACHE_HOME": str(folder / "cache"),
        "MWW_STUDIO_DATA": str(folder / "data"),
    }


def studio(*arguments: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """The program with these arguments."""
    command = [sys.executable, "-m", "mww_studio", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def watch(process: subprocess.Popen[bytes], enough: object) -> int:
    """Wait until it ends or ``enough`` says so; returns the most bytes that it and its children held."""
    most = 0
    while process.poll() is None and not (callable(enough) and enough()):
        try:
            family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            most = max(most, sum(member.memory_info().rss for member in family))
        except psutil.NoSuchProcess:
            continue
        time.sleep(0.5)
    return most


def kept(cache: Path) -> int:
    """How many takes are in the cache of speech."""
    return sum(1 for _ in cache.rglob("*.flac")) if cache.is_dir() else 0


def clips(project: Path, environment: dict[str, str]) -> int:
    """How many clips a project has."""
    listing = studio("clips", str(project), "--json", environment=environment)
    said, _ = listing.communicate()
    return len(json.loads(said))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
