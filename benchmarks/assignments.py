"""Measures how long it takes to deal users to the variants of an experiment.

    python benchmarks/assignments.py [--users 10000000] [--runs 3] [--work DIR]

The profiles are made up and put in the place of those that staging has accepted; from there on dbt runs the project's
own models, for one experiment with two variants and strata of country and device. Measured are

- `all`: nobody has an assignment yet, and everybody gets one, which is kept in the raw store;
- `more`: one per cent of users has registered since.

Seconds are those that dbt says of its models (run_results.json), without its start; CPU and peak memory are the whole
process's.
Prints a table; with --write also puts it into benchmarks/results/assignments.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import duckdb
from processes import PROJECT, Finished, run_dbt

RESULT = PROJECT / "benchmarks" / "results" / "assignments.md"
MODELS = ["int_experiment_users_queued", "int_experiment_users_assigned", "fct_experiment_assignments"]
USERS_HEADER = (
    "user_id,created_at,gender,birth_date,income_band,acquisition_channel,acquisition_campaign,country_group,"
    "device_type,user_level,updated_at\n"
)
EXPERIMENT = (
    "insert into reference.experiments values ('deal', '', 'user', 'control|treatment', '1|1', 'salt', "
    "'country_group|device_type', 'blocks', '2025-01-01', '2026-01-01')"
)
PROFILES = """
insert into staging.base_platform__users by name
select
    'made up' as file_name,
    number as row_number,
    cast(gen_random_uuid() as varchar) as user_id,
    timestamp '2024-01-01' + to_seconds(number % 40000000) as created_at,
    ['tier1', 'tier2', 'tier3'][1 + number % 3] as country_group,
    ['mobile', 'desktop', 'tablet', null][1 + number % 7 % 4] as device_type,
    'organic' as acquisition_channel,
    'accepted' as outcome
from range(?) as numbers (number)
"""


def add_profiles(home: Path, users: int) -> None:
    with duckdb.connect(str(home / "build" / "engagement.duckdb")) as warehouse:
        warehouse.execute(PROFILES, [users])


def measure(work: Path, users: int) -> dict[str, Finished]:
    """One run of all and more."""
    home, feeds = work / "home", work / "home" / "feeds"
    shutil.rmtree(home, ignore_errors=True)
    feeds.mkdir(parents=True)
    (feeds / "users.csv").write_text(USERS_HEADER)
    run_dbt(home, feeds, "build", "--select", f"+{MODELS[-1]}", "--exclude-resource-type", "test", "unit_test")
    with duckdb.connect(str(home / "build" / "engagement.duckdb")) as warehouse:
        warehouse.execute("delete from reference.experiments")
        warehouse.execute(EXPERIMENT)
    add_profiles(home, users)
    run_dbt(home, feeds, "run", "--select", "int_experiment_variants_declared")
    taken = {"all": run_dbt(home, feeds, "run", "--select", *MODELS)}
    add_profiles(home, users // 100)
    taken["more"] = run_dbt(home, feeds, "run", "--select", *MODELS)
    with duckdb.connect(str(home / "build" / "engagement.duckdb"), read_only=True) as warehouse:
        counted = warehouse.execute(
            "select count(*), max(abs(controls - treated)) from (select count(*) filter (where variant = 'control') as "
            "controls, count(*) filter (where variant = 'treatment') as treated from marts.fct_experiment_assignments "
            "group by stratum)"
        ).fetchone()
        [assigned] = warehouse.execute("select count(*) from marts.fct_experiment_assignments").fetchone()
    if assigned != users + users // 100 or counted[1] > 1:
        sys.exit(f"{assigned:,} users are assigned, and a stratum is {counted[1]} users out of balance.")
    return taken


def table(runs: list[dict[str, Finished]], users: int) -> str:
    lines = [
        f"| {users:,} users | seconds, all models | queue | deal and keep | mart | CPU seconds of all | MiB |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for what, label in (("all", "everybody is dealt a variant"), ("more", f"{users // 100:,} more")):
        of_runs = [run[what] for run in runs]

        def median(value, of_runs=of_runs) -> float:
            return statistics.median(map(value, of_runs))

        models = [median(lambda run, name=name: run.models[name]) for name in MODELS]
        numbers = [median(lambda run: sum(run.models.values())), *models, median(lambda run: run.cpu)]
        memory = median(lambda run: run.memory)
        lines.append(f"| {label} | {' | '.join(f'{number:.1f}' for number in numbers)} | {memory:,.0f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "assignments")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/results")
    options = parser.parse_args()
    runs = []
    busy = os.getloadavg()[1]
    for _ in range(options.runs):
        runs.append(measure(options.work, options.users))
        print({what: finished.models for what, finished in runs[-1].items()}, flush=True)
    measured = table(runs, options.users)
    print(measured)
    if options.write:
        RESULT.write_text(
            "# Dealing users to variants\n\n"
            f"What [assignments.py](../assignments.py) measures, median of runs: {options.runs}. {os.cpu_count()} "
            f"cores, {platform.machine()}, DuckDB {duckdb.__version__}. Just before, {busy:.1f} processes wanted a "
            f"core at a time.\n\n{measured}\n"
        )


if __name__ == "__main__":
    main()
