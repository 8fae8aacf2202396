"""Measures how sessions are found: against what DuckDB can do at all, other tools, more events, and what a batch costs.

    python benchmarks/sessions.py [--events 20000000] [--runs 3] [--work DIR] [part …]

The parts, all by default:

- `limit`: the full refresh of int_events_sessionized against sorting the same rows and writing them;
- `tools`: the model's SQL from one Parquet file to another, against the same work in Polars, pandas, Spark and
  retentioneering, each from an environment of its own (`--python polars=PATH`, see benchmarks/README.md; a tool without
  one is left out);
- `growth`: 1, 10 and 100 million events (`--sizes`): seconds, peak memory, size on disk, exponent; above `--events`
  one run;
- `batches`: batches of 0.1, 1 and 10 %, in order and late at random, against a full refresh;
- `onboarding`: a flat export of half as many events: what milestones, first sessions, funnels and paths take together,
  against finding its sessions;
- `people`: what activity, retention, new users, loyalty and the wide table take together, against finding the
  sessions; and a batch of 1 % in order on int_user_days, against building it.

Each figure is the median of the runs; figures that are compared alternate within one run. A model's time is dbt's own
(run_results.json), without dbt's start. Results are kept in benchmarks/results/sessions.json, part by part, and written
out as benchmarks/results/sessions.md.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import shutil
import statistics
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import duckdb
from processes import PROJECT, Finished, run

RESULTS = PROJECT / "benchmarks" / "results"
MODEL = "int_events_sessionized"
NEEDED = ["+int_events_sessionized", "int_events_changed"]
SHARES = (0.1, 0.01, 0.001)
PEOPLE = ("activity", "newcomers", "loyalty", "orders", "people")
BATCH_OF_DAYS = 0.01


@dataclass
class Run:
    """What one process took: its own count of seconds, and its peak memory in MiB."""

    seconds: float
    memory: float


def last_said(finished: Finished) -> Run:
    """Of a process that times itself, and prints the seconds last."""
    return Run(json.loads(finished.printed.strip().splitlines()[-1])["seconds"], finished.memory)


class Build:
    """A build of the project in a folder of its own, fed by the files of one feed."""

    def __init__(self, folder: Path, threads: int, feed: str = "chat_events"):
        self.folder = folder
        self.home = folder / "home"
        self.raw = folder / "raw"
        self.files = self.raw / feed
        self.file = self.home / "build" / "engagement.duckdb"
        self.files.mkdir(parents=True, exist_ok=True)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.environment = {
            "ENGAGEMENT_HOME": str(self.home),
            "ENGAGEMENT_RAW_DIR": str(self.raw),
            "ENGAGEMENT_THREADS": str(threads),
            "BENCHMARK_THREADS": str(threads),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            "DO_NOT_TRACK": "1",
        }

    def dbt(self, *arguments: str, model: str = MODEL) -> Run:
        """Run dbt; return the seconds of a model (0 where it did not run) and the peak memory."""
        finished = run([sys.executable, "-m", "dbt.cli.main", *arguments], self.environment)
        results = json.loads((self.folder / "target" / "run_results.json").read_text())["results"]
        seconds = [r["execution_time"] for r in results if r["unique_id"].endswith("." + model)]
        return Run(sum(seconds), finished.memory)

    def take_in(self) -> Run:
        """Take in what lies in the raw folder and is new."""
        return self.dbt("run", "--select", *NEEDED)

    def begin(self) -> None:
        self.dbt("seed")
        self.take_in()

    def refresh(self) -> Run:
        return self.dbt("run", "--full-refresh", "--select", MODEL)

    def limit(self) -> Run:
        return last_said(
            run([sys.executable, "benchmarks/within_duckdb.py", "limit", str(self.file)], self.environment)
        )

    def ask(self, query: str) -> tuple:
        with duckdb.connect(str(self.file), read_only=True) as duck:
            return duck.execute(query).fetchone()

    def seconds_of(self, subject: str) -> dict[str, float]:
        """Of the last run: the seconds of each model of a subject, a folder of intermediate models and marts."""
        results = json.loads((self.folder / "target" / "run_results.json").read_text())["results"]
        nodes = json.loads((self.folder / "target" / "manifest.json").read_text())["nodes"]
        folders = [f"models/{layer}/{subject}/" for layer in ("intermediate", "marts")]
        return {
            nodes[r["unique_id"]]["name"]: r["execution_time"]
            for r in results
            if nodes[r["unique_id"]]["original_file_path"].startswith(tuple(folders))
        }

    def size(self) -> float:
        """MiB of int_events_sessionized on disk: its blocks."""
        blocks = (
            "select count(distinct block_id) * 0.25 from pragma_storage_info('intermediate.int_events_sessionized')"
        )
        return float(self.ask(blocks)[0])

    def copy(self, to: Path) -> None:
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.home, to)

    def restore(self, copy: Path) -> None:
        shutil.rmtree(self.home)
        shutil.copytree(copy, self.home)


def median(runs: list[Run]) -> Run:
    return Run(statistics.median(r.seconds for r in runs), statistics.median(r.memory for r in runs))


def stream_of(work: Path, events: int, kind: str = "write") -> Path:
    """A file of so many made-up events: a stream (`write`) or a flat `export`."""
    path = work / f"{'exported' if kind == 'export' else 'events'}-{events}.parquet"
    if not path.exists():
        print(f"making up {events:,} events", flush=True)
        part = path.with_suffix(".part")
        run([sys.executable, "benchmarks/stream.py", kind, str(part), str(events)], {})
        part.rename(path)
    return path


def built(work: Path, events: int, threads: int) -> Build:
    """A build that has taken in so many events as one file."""
    build = Build(work / f"build-{events}", threads)
    fed = build.files / "all.parquet"
    if not fed.exists():
        print(f"taking in {events:,} events", flush=True)
        fed.symlink_to(stream_of(work, events))
        build.begin()
    return build


def measure_limit(options: argparse.Namespace) -> dict:
    build = built(options.work, options.events, options.threads)
    pairs = [(build.limit(), build.refresh()) for _ in range(options.runs)]
    limit, model = median([p[0] for p in pairs]), median([p[1] for p in pairs])
    return {
        "events": options.events,
        "limit_seconds": limit.seconds,
        "model_seconds": model.seconds,
        "ratio": statistics.median(model.seconds / limit.seconds for limit, model in pairs),
        "ratios": sorted(model.seconds / limit.seconds for limit, model in pairs),
    }


def measure_tools(options: argparse.Namespace) -> dict:
    build = Build(options.work / "tools", options.threads)
    build.dbt("compile", "--full-refresh", "--select", MODEL)
    sql = next((options.work / "tools" / "target" / "compiled").rglob(f"{MODEL}.sql"))
    figures = {}
    for events, tools in options.tools.items():
        source = stream_of(options.work, events)
        commands = {"this project": [sys.executable, "benchmarks/within_duckdb.py", "model", str(sql), str(source)]}
        for tool in tools:
            # polars_snappy is Polars, too.
            if python := options.python.get(tool.partition("_")[0]):
                commands[tool] = [python, "benchmarks/peers.py", tool, str(source)]
        runs = {tool: [] for tool in commands}
        sessions = {}
        for _ in range(options.runs):
            for tool, command in commands.items():
                target = options.work / "tools" / f"{tool.replace(' ', '-')}.parquet"
                shutil.rmtree(target, ignore_errors=True)
                environment = build.environment | {
                    "POLARS_MAX_THREADS": str(options.threads),
                    "RETENTIONEERING_NO_TRACK": "1",
                    "BENCHMARK_SPARK_MEMORY": "12g",
                }
                runs[tool].append(last_said(run([*command, str(target)], environment)))
                sessions[tool] = run(
                    [sys.executable, "benchmarks/within_duckdb.py", "count", str(target)], build.environment
                ).printed
                print(f"{events:,} events, {tool}: {runs[tool][-1]}", flush=True)
        if len(set(sessions.values())) > 1:
            sys.exit(f"the tools did not do the same work: events and sessions {sessions}")
        ours = median(runs["this project"]).seconds
        figures[str(events)] = {
            # Spark's memory is that of another process, the JVM, and not told here.
            tool: {
                "seconds": median(r).seconds,
                "ratio": median(r).seconds / ours,
                "runs": sorted(one.seconds for one in r),
            }
            | ({} if tool == "spark" else {"memory": median(r).memory})
            for tool, r in runs.items()
        }
    return figures


def measure_growth(options: argparse.Namespace) -> dict:
    figures = []
    for events in options.sizes:
        build = built(options.work, events, options.threads)
        runs = 1 if events > options.events else options.runs
        one = median([build.refresh() for _ in range(runs)])
        figures.append(
            {"events": events, "runs": runs, "seconds": one.seconds, "memory": one.memory, "size": build.size()}
        )
        print(figures[-1], flush=True)
        if events > options.events:
            shutil.rmtree(build.folder)
            stream_of(options.work, events).unlink()
    for smaller, larger in pairwise(figures):
        larger["exponent"] = math.log(larger["seconds"] / smaller["seconds"]) / math.log(
            larger["events"] / smaller["events"]
        )
    return {"sizes": figures}


def measure_batches(options: argparse.Namespace) -> dict:
    events = options.events
    source = stream_of(options.work, events)
    figures = {}
    for order in ("in order", "late"):
        named = order.replace(" ", "-")
        build = Build(options.work / f"batches-{named}", options.threads)
        shares = [str(share) for share in SHARES]
        run([sys.executable, "benchmarks/stream.py", "split", str(source), named, str(build.folder), *shares], {})
        (build.folder / "base.parquet").rename(build.files / "base.parquet")
        build.begin()
        refreshes = [build.refresh() for _ in range(options.runs)]
        full = median(refreshes).seconds
        for share in SHARES:
            before = build.folder / "before"
            build.copy(before)
            (build.folder / f"batch-{share}.parquet").rename(build.files / f"batch-{share}.parquet")
            runs = []
            for number in range(options.runs):
                if number:
                    build.restore(before)
                runs.append(build.take_in())
            one = median(runs)
            written = build.ask(
                "select (select count(*) from intermediate.int_events_sessionized as events"
                " inner join intermediate.touched_by_int_events_sessionized as touched"
                " on events.user_id = touched.user_id and events.event_at >= touched.recompute_from)"
            )[0]
            figures.setdefault(order, []).append(
                {"share": share, "seconds": one.seconds, "of_full": one.seconds / full, "rows_written": written}
            )
            print(order, figures[order][-1], flush=True)
        figures[order + ", full refresh"] = full
        shutil.rmtree(build.folder)
    return {"events": events, **figures}


def against_sessions(build: Build, subjects: tuple[str, ...], runs: int) -> dict:
    """What all models of some subjects take together, and finding the sessions, in a build that has them all."""
    folders = [
        f"path:models/{layer}/{subject}"
        for layer in ("intermediate", "marts")
        for subject in ("sessions", *subjects)
        if (PROJECT / "models" / layer / subject).exists()
    ]
    figures = []
    for _ in range(runs):
        sessions = build.dbt("run", "--full-refresh", "--select", *folders).seconds
        models = {model: seconds for subject in subjects for model, seconds in build.seconds_of(subject).items()}
        figures.append((sum(models.values()) / sessions, sessions, models))
        print(figures[-1], flush=True)
    ratio, sessions, models = sorted(figures, key=lambda one: one[0])[len(figures) // 2]
    return {
        "sessions_seconds": sessions,
        "ratio": ratio,
        "models": dict(sorted(models.items(), key=lambda entry: -entry[1])),
    }


def measure_onboarding(options: argparse.Namespace) -> dict:
    events = options.events // 2
    build = Build(options.work / "onboarding", options.threads, feed="onboarding_events")
    (build.files / "all.parquet").symlink_to(stream_of(options.work, events, "export"))
    build.dbt("seed")
    build.dbt("run")
    figures = against_sessions(build, ("onboarding",), options.runs)
    shutil.rmtree(build.folder)
    return {"events": events} | figures


def measure_people(options: argparse.Namespace) -> dict:
    source = stream_of(options.work, options.events)
    build = Build(options.work / "people", options.threads)
    folder, share = str(build.folder), str(BATCH_OF_DAYS)
    run([sys.executable, "benchmarks/stream.py", "split", str(source), "in-order", folder, share], {})
    run([sys.executable, "benchmarks/stream.py", "people", str(source), str(build.raw)], {})
    (build.folder / "base.parquet").rename(build.files / "base.parquet")
    build.dbt("seed")
    build.dbt("run")
    figures = against_sessions(build, PEOPLE, options.runs)
    days = "int_user_days"
    full = median([build.dbt("run", "--full-refresh", "--select", days, model=days) for _ in range(options.runs)])
    before = build.folder / "before"
    build.copy(before)
    (build.folder / f"batch-{share}.parquet").rename(build.files / f"batch-{share}.parquet")
    runs = []
    for number in range(options.runs):
        if number:
            build.restore(before)
        runs.append(build.dbt("run", "--select", f"+{days}", model=days))
    shutil.rmtree(build.folder)
    batch = {"share": BATCH_OF_DAYS, "seconds": median(runs).seconds, "full_seconds": full.seconds}
    return {"events": round(options.events * (1 - BATCH_OF_DAYS)), "batch": batch} | figures


PARTS = {
    "limit": measure_limit,
    "tools": measure_tools,
    "growth": measure_growth,
    "batches": measure_batches,
    "onboarding": measure_onboarding,
    "people": measure_people,
}


def taken(figures: dict) -> str:
    """What the models of a subject take, as a sentence."""
    return (
        f"Its sessions take {figures['sessions_seconds']:.1f} s, all models here together "
        f"{sum(figures['models'].values()):.1f} s, **{figures['ratio']:.2f} ×** as long."
    )


def slowest(models: dict[str, float]) -> list[str]:
    """A table of the models that take more than a moment."""
    rows = [f"| {model} | {seconds:.2f} |" for model, seconds in models.items() if seconds >= 0.2]
    return ["| model | seconds |", "| --- | --: |", *rows, ""]


def report(results: dict) -> str:
    """The results as a page."""
    lines = ["# Sessions: what was measured", "", "Written by `benchmarks/sessions.py`; how is said there.", ""]
    lines += [f"Machine: {results['machine']}. DuckDB {results['duckdb']}, two threads unless it says otherwise.", ""]
    lines += [
        "Each part was measured for itself, at times when the machine was not equally fast: compare within a part.",
        "",
    ]
    if one := results.get("limit"):
        lines += [
            "## Full refresh against the limit",
            "",
            f"{one['events']:,} events, from `int_events` to `int_events_sessionized` with its ids: "
            f"{one['model_seconds']:.1f} s. Sorting the same rows by user, time and id and writing them: "
            f"{one['limit_seconds']:.1f} s. The model takes **{one['ratio']:.2f} ×** as long "
            f"(runs: {', '.join(f'{r:.2f}' for r in one['ratios'])}).",
            "",
        ]
    if tools := results.get("tools"):
        lines += [
            "## Against other tools",
            "",
            "From one Parquet file to another, the same sessions found. What overlaps in its runs is no difference.",
            "",
        ]
        for events, figures in tools.items():
            lines += [f"{int(events):,} events:", "", "| tool | seconds | runs | times ours | peak memory (MiB) |"]
            lines += ["| --- | --: | --: | --: | --: |"]
            for tool, f in sorted(figures.items(), key=lambda entry: entry[1]["seconds"]):
                memory = f"{f['memory']:,.0f}" if "memory" in f else ""
                runs = ", ".join(f"{seconds:.1f}" for seconds in f["runs"])
                lines += [f"| {tool} | {f['seconds']:.1f} | {runs} | {f['ratio']:.2f} | {memory} |"]
            lines += [""]
    if growth := results.get("growth"):
        lines += ["## Growth", "", "| events | runs | seconds | exponent | peak memory (MiB) | on disk (MiB) |"]
        lines += ["| --: | --: | --: | --: | --: | --: |"]
        for f in growth["sizes"]:
            exponent = f"{f['exponent']:.2f}" if "exponent" in f else ""
            lines += [
                f"| {f['events']:,} | {f['runs']} | {f['seconds']:.2f} | {exponent} "
                f"| {f['memory']:,.0f} | {f['size']:,.0f} |"
            ]
        lines += [""]
    if batches := results.get("batches"):
        lines += [f"## Batches on top of {batches['events'] * (1 - sum(SHARES)):,.0f} events", ""]
        lines += ["| batch | order | seconds | of a full refresh | rows written |", "| --: | --- | --: | --: | --: |"]
        lines += [
            f"| {f['share']:.1%} | {order} | {f['seconds']:.2f} | {f['of_full']:.1%} | {f['rows_written']:,} |"
            for order in ("in order", "late")
            for f in reversed(batches[order])
        ]
        lines += ["", f"A full refresh takes {batches['in order, full refresh']:.1f} s."]
        lines += [""]
    if onboarding := results.get("onboarding"):
        lines += ["## Onboarding, funnels and paths", ""]
        lines += [f"A flat export of {onboarding['events']:,} events. {taken(onboarding)}", ""]
        lines += slowest(onboarding["models"])
    if people := results.get("people"):
        batch = people["batch"]
        lines += ["## Activity, retention, new users, loyalty, the wide table", ""]
        lines += [
            f"A stream of {people['events']:,} events, with profiles, orders and points of its users. {taken(people)}",
            "",
            f"A batch of {batch['share']:.0%} more in order takes int_user_days {batch['seconds']:.2f} s, "
            f"**{batch['seconds'] / batch['full_seconds']:.1%}** of the {batch['full_seconds']:.2f} s that building it"
            " takes.",
            "",
        ]
        lines += slowest(people["models"])
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000_000, 10_000_000, 100_000_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, default=PROJECT / "benchmarks" / "scratch")
    parser.add_argument("--python", action="append", default=[], metavar="TOOL=PATH")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    options.work = options.work.resolve()
    options.python = dict(pair.split("=", 1) for pair in options.python)
    options.tools = {
        options.events: ["polars", "polars_snappy"],
        options.events // 4: ["polars", "polars_snappy", "pandas", "spark", "retentioneering"],
    }
    RESULTS.mkdir(exist_ok=True)
    kept = RESULTS / "sessions.json"
    results = json.loads(kept.read_text()) if kept.exists() else {}
    for part in options.parts or PARTS:
        results[part] = PARTS[part](options)
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        results["machine"] = f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}"
        results["duckdb"] = duckdb.__version__
        kept.write_text(json.dumps(results, indent=2) + "\n")
        (RESULTS / "sessions.md").write_text(report(results))
        print(json.dumps(results[part], indent=2), flush=True)


if __name__ == "__main__":
    main()
