"""How well models work that the public commands make, beside the official recipe and the official models.

    python benchmarks/accuracy.py --word WORD --wake-words FOLDER --speech FOLDER --noise FOLDER [--rooms FOLDER]
        [--others FOLDER] [--test-noise FOLDER] [--takes 0 10 20 50 200] [--seeds 1] [--official-takes 50]
        [--official-seeds 1] [--official-steps 10000] [--test-takes 60] [--preset standard] [--override FILE.yaml]
        [--voices] [--name default] [--work FOLDER] [--json FILE]

--others: takes of the same word by other people before other microphones, from which nothing is learned. --test-noise:
a folder whose noise is only for the test; without it every second source of --noise is. --voices lets computer voices
say the word beside the real takes; with 0 takes they always do. --name: of these settings, under which models are kept.

Of the takes, the last --test-takes (in an order that a fixed seed gives) examine and trainings draw from the others;
copies of one recording are left out first. Speech is parted by source, and every second seed swaps the halves. A row is
trained in a child process by the commands that people use, and the file that ships is examined by the exact int8
runtime and the device's detector. Models, features and results are kept in --work, so a run goes on where it stopped,
and only what changed is computed again.
Prints tables and writes table.md and rows.json into --work.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from accuracy_corpus import Corpus, part
from accuracy_exam import Exam, examine, prepared
from accuracy_models import Settings, Trained, official, ours, published
from accuracy_table import Row, tables


def main() -> None:
    options = parse()
    corpus = part(
        options.wake_words,
        options.speech,
        options.noise,
        options.rooms,
        options.others,
        options.test_noise,
        options.test_takes,
    )
    print(
        f"{options.word}: {len(corpus.pool)} takes to learn from, {len(corpus.tested)} that examine, "
        f"{len(corpus.others)} by other people; {corpus.copies} left out as copies of others",
        flush=True,
    )
    options.work.mkdir(parents=True, exist_ok=True)
    exam = prepared(corpus, options.work)
    rows = []
    for row in examined_rows(corpus, exam, options):
        rows.append(row)
        print(f"{row.recipe}, {row.takes} takes, seed {row.seed}: {row.result.detected}", flush=True)
    content = json.dumps(
        {"word": options.word, "copies": corpus.copies, "rows": [asdict(row) for row in rows]}, indent=1
    )
    table = tables(rows)
    (options.work / "table.md").write_text(f"{table}\n", encoding="utf-8")
    for file in filter(None, (options.work / "rows.json", options.json)):
        file.write_text(content, encoding="utf-8")
    print(table)


def examined_rows(corpus: Corpus, exam: Exam, options: argparse.Namespace) -> Iterator[Row]:
    """Every model that was asked for: trained, and examined on talk that it did not learn from."""
    settings = Settings(
        word=options.word,
        work=options.work,
        name=options.name,
        preset=options.preset,
        override=options.override,
        voices=options.voices,
        official_steps=options.official_steps,
    )

    def row(recipe: str, takes: int | None, seed: int, trained: Trained, kept: str, heard_by: int | None) -> Row:
        result = examine(trained, exam, heard_by, options.work / "results" / f"{kept}.json")
        return Row(recipe, takes, seed, trained, result)

    there = published(options.word)
    if there:
        yield row("official model", None, 0, there, "published", None)
    for takes in options.official_takes:
        for seed in range(options.official_seeds):
            name = f"official recipe, {options.official_steps} steps"
            kept = f"official-{options.official_steps}/{takes}-{seed}"
            yield row(name, takes, seed, official(corpus, takes, seed, settings), kept, seed % 2)
    for takes in options.takes:
        for seed in range(options.seeds):
            kept = f"{options.name}/{takes}-{seed}"
            yield row("this program", takes, seed, ours(corpus, takes, seed, settings), kept, seed % 2)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--word", required=True)
    for name in ("--wake-words", "--speech", "--noise"):
        parser.add_argument(name, type=Path, required=True)
    for name in ("--rooms", "--others", "--test-noise", "--override", "--json"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--takes", type=int, nargs="*", default=[0, 10, 20, 50, 200])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--official-takes", type=int, nargs="*", default=[50])
    parser.add_argument("--official-seeds", type=int, default=1)
    parser.add_argument("--official-steps", type=int, default=10_000)
    parser.add_argument("--test-takes", type=int, default=60)
    parser.add_argument("--preset", default="standard")
    parser.add_argument("--voices", action="store_true")
    parser.add_argument("--name", default="default", help="of these settings, under which their models are kept")
    parser.add_argument("--work", type=Path, default=Path("benchmark-work"))
    options = parser.parse_args()
    options.work = options.work.resolve() / options.word.replace(" ", "_")
    return options


if __name__ == "__main__":
    main()
