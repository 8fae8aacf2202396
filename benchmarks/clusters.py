"""Measures what clusters of many users take, from a table of features to the clusters of all: processor time, memory.

    python benchmarks/clusters.py [--users 1000000] [--features 12]

Users are made up in five groups. They are read from a DuckDB file as the Python models read them, with the variables of
dbt_project.yml. Results are written to benchmarks/results/clusters.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import yaml

from science import clusters

PROJECT = Path(__file__).resolve().parents[1]
GROUPS = 5


def make_users(file: Path, users: int, features: int) -> None:
    """Counts of each user, which depend on a group, in a DuckDB file."""
    draw = np.random.default_rng(1)
    middles = draw.lognormal(1, 1.5, (GROUPS, features))
    labels = draw.choice(GROUPS, users, p=[0.5, 0.2, 0.15, 0.1, 0.05])
    with duckdb.connect(str(file)) as connection:
        columns = {f"f{place}": draw.poisson(middles[labels, place]) for place in range(features)}
        columns["label"] = labels
        selected = ", ".join(columns)
        connection.sql(f"create table users as select uuid()::varchar as user_id, {selected} from columns")


def measure(file: Path, features: int) -> dict:
    variables = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
    rules = clusters.Rules(**{name: variables[f"cluster_{name}"] for name in clusters.Rules.__dataclass_fields__})
    wanted = [("users", f"f{place}", "log") for place in range(features)]
    with duckdb.connect(str(file), read_only=True) as connection:
        measured = {"users": connection.sql("from users")}
        started = time.process_time()
        quality = clusters.compared_by_subject(measured, wanted, rules)
        compared = time.process_time()
        rows = zip(*(quality[name] for name in ("subject", "algorithm", "setting", "is_chosen")), strict=True)
        chosen = [row[:3] for row in rows if row[3]]
        found = clusters.assigned_by_subject(measured, wanted, chosen, rules)
        assigned = time.process_time()
    return {
        "rows": len(found["cluster"]),
        "users_used": quality["users_used"][0],
        "compared": compared - started,
        "assigned": assigned - compared,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--features", type=int, default=12)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "users.duckdb"
        make_users(file, options.users, options.features)
        figures = measure(file, options.features)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    text = f"""# Clusters: what was measured

Written by `benchmarks/clusters.py`; how is said there.

Machine: {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}.
Seconds are of processor time, in one thread.

{options.users:,} users, {options.features} features, clusters found from {figures["users_used"]:,} of them:

| | |
| --- | --: |
| comparing three algorithms and their numbers of clusters (int_clusterings_compared) | {figures["compared"]:.0f} s |
| putting all users into them, {figures["rows"]:,} rows (int_users_clustered) | {figures["assigned"]:.0f} s |
| peak memory of the process, making up the users included | {figures["memory"]:.1f} GiB |
"""
    (PROJECT / "benchmarks" / "results" / "clusters.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
