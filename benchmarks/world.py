"""Measures everything on a large sample world: a whole build with its data tests, and each Python model alone.

    python benchmarks/world.py [--scale 1120] [--work DIR] [--write]

The world is that of scripts/generate_sample.py at such a scale: all feeds, 900 people at scale 1. It is built twice,
the second time with nothing new. Then each Python model runs once more in a process of its own, which is the only way
to see what memory it takes. Prints tables; with --write also puts them into benchmarks/results/world.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

import duckdb
from processes import PROJECT, Finished, run, run_dbt

RESULT = PROJECT / "benchmarks" / "results" / "world.md"
SHOWN_MODELS = 15


def models_of(home: Path) -> dict[str, str]:
    """The language of each model, `sql` or `python`."""
    nodes = json.loads((home / "target" / "manifest.json").read_text())["nodes"].values()
    return {node["name"]: node["language"] for node in nodes if node["resource_type"] == "model"}


def table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] + ["--:"] * (len(header) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def took(finished: Finished) -> list[str]:
    return [f"{finished.wall:.0f}", f"{finished.cpu:.0f}", f"{finished.memory / 1024:.1f}"]


def measure(work: Path, scale: float) -> str:
    shutil.rmtree(work, ignore_errors=True)
    home, raw = work / "home", work / "feeds"
    home.mkdir(parents=True)
    run([sys.executable, "scripts/generate_sample.py", "--scale", str(scale), "--out", str(raw)], {})
    size = sum(path.stat().st_size for path in raw.rglob("*.csv"))
    build = ["build", "--exclude-resource-type", "unit_test"]
    first, again = (run_dbt(home, raw, *build) for _ in range(2))
    with duckdb.connect(str(home / "build" / "engagement.duckdb"), read_only=True) as warehouse:
        [people] = warehouse.execute("select count(*) from marts.dim_users").fetchone()
        feeds = warehouse.execute("select feed, raw_rows from quality.feed_reconciliation order by feed").fetchall()
    stored = (home / "build" / "engagement.duckdb").stat().st_size
    languages = models_of(home)
    of_python = sorted(name for name, language in languages.items() if language == "python")
    alone = {name: run_dbt(home, raw, "run", "--select", name) for name in of_python}
    seconds_of = {name: seconds for name, seconds in first.models.items() if name in languages}
    slowest = sorted(seconds_of.items(), key=lambda model: -model[1])[:SHOWN_MODELS]
    told = ", ".join(f"{rows:,} {feed}" for feed, rows in feeds)
    return "\n\n".join(
        [
            f"{people:,} users; rows: {told}; {size / 2**30:.1f} GiB of CSV; build file {stored / 2**30:.1f} GiB.",
            table(
                ["", "seconds", "CPU seconds", "peak GiB"],
                [["everything, data tests included", *took(first)], ["again, with nothing new", *took(again)]],
            ),
            "Seconds of models, two at a time, the slowest of the first build:",
            table(["model", "seconds"], [[f"`{name}`", f"{seconds:.0f}"] for name, seconds in slowest]),
            "Python models, each in a process of its own, dbt's start included:",
            table(
                ["model", "seconds", "CPU seconds", "peak GiB"],
                [[f"`{name}`", *took(finished)] for name, finished in alone.items()],
            ),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1120)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "world")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/results")
    options = parser.parse_args()
    measured = measure(options.work, options.scale)
    print(measured)
    if options.write:
        RESULT.write_text(
            "# A large sample world\n\n"
            f"What [world.py](../world.py) measures, once. {os.cpu_count()} cores, {platform.machine()}, DuckDB "
            f"{duckdb.__version__}, scale {options.scale:g}.\n\n{measured}\n"
        )


if __name__ == "__main__":
    main()
