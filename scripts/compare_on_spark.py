"""Builds the sample on Spark and on DuckDB, and compares every table that people read, row for row.

    python scripts/compare_on_spark.py [arguments for every dbt build, such as --vars]

1. On Spark, the sample's files arrive in batches, the newest first, and a correction that leaves a bucket of users
   empty; the incremental models are run after each. A batch must rewrite the buckets that it touches and no other.
2. DuckDB builds the same raw store.
3. Spark builds everything anew, data tests included.
4. What the batches came to, and what the full refresh came to, is compared with DuckDB.

Prints the rows that differ and a line for each table. Ends with 1 where anything differs. Works in target/spark.
"""

import csv
import os
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import duckdb
from compare_tables import RELATIVE_TOLERANCE, Comparison, compare
from dbt_on_spark import PROJECT, SparkRunError, dbt, load, prepare
from pyspark.sql import SparkSession

HOME = PROJECT / "target" / "spark"
FEEDS = HOME / "feeds"
SAMPLE = PROJECT / "data" / "sample"
LATE = ["part-3.csv", "part-1.csv", "part-2.csv"]  # the order in which the parts of chat_events arrive
INTERNAL = ("staging", "intermediate")  # schemas that nobody reads
WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
OPTIONS = sys.argv[1:]
SHOWN_ROWS = 5  # of each table and side
NAMES_IN_DUCKDB = {"string": "VARCHAR", "int": "INTEGER"}  # where upper case alone does not do


def say(text: str) -> None:
    print(f"\n== {text} ({time.strftime('%H:%M:%S')})", flush=True)


def session() -> SparkSession:
    """The session that dbt works in."""
    return SparkSession.builder.getOrCreate()


def executors() -> str:
    """Which Spark this is, and who has run how many tasks."""
    context = session().sparkContext
    listed = context._jsc.sc().statusStore().executorList(False)
    tasks = [f"{listed.apply(place).id()} {listed.apply(place).totalTasks():,}" for place in range(listed.size())]
    return f"Spark {context.version} on {context.master}; tasks run by executor {', '.join(tasks)}"


def tables_of(manifest, is_wanted) -> dict[str, dict]:
    """The models and seeds for which `is_wanted(node)`: schema.name, and the node."""
    return {
        f"{node.schema}.{node.name}": node
        for node in manifest.nodes.values()
        if node.resource_type in ("model", "seed") and is_wanted(node)
    }


def files_of(table: str) -> dict[str, set[str]]:
    """The data files of a table on Spark, by bucket."""
    schema, name = table.split(".")
    buckets: dict[str, set[str]] = {}
    for path in (HOME / "spark" / f"{schema}.db" / name).glob("user_bucket=*/*.parquet"):
        buckets.setdefault(path.parent.name, set()).add(path.name)
    return buckets


def keep(table: str, folder: Path) -> None:
    """Writes what a table on Spark holds, and of which types, to a folder."""
    frame = session().table(table)
    frame.write.mode("overwrite").parquet(str(folder / table))
    types = "\n".join(f"{name}\t{NAMES_IN_DUCKDB.get(kind, kind.upper())}" for name, kind in frame.dtypes)
    (folder / f"{table}.types").write_text(types)


def write_correction() -> None:
    """Gives all events of the bucket that has the fewest to a user of another bucket: it is left empty."""
    rows = (
        session()
        .sql(
            "select event_id, event_name, event_at, device_type, user_id, feed, user_bucket, "
            "max(loaded_at) over () as last_loaded_at from intermediate.int_events_sessionized"
        )
        .collect()
    )
    by_bucket: dict[int, list] = {}
    for row in rows:
        by_bucket.setdefault(row.user_bucket, []).append(row)
    of_chat = [events for events in by_bucket.values() if all(event.feed == "chat_events" for event in events)]
    if len(by_bucket) < 2 or not of_chat:
        raise SparkRunError("No bucket holds events of chat_events alone: nothing to correct.")
    moved = min(of_chat, key=lambda events: (len(events), events[0].user_bucket))
    heir = min(row.user_id for row in rows if row.user_bucket != moved[0].user_bucket)
    with (FEEDS / "chat_events" / "correction.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["event_id", "user_id", "event_name", "event_at", "device_type", "loaded_at"])
        for row in moved:
            loaded_at = row.last_loaded_at + timedelta(seconds=1)
            writer.writerow([row.event_id, heir, row.event_name, row.event_at, row.device_type, loaded_at])


def run_batches(incremental: dict[str, dict]) -> list[str]:
    """Has the sample arrive in batches on Spark. Returns a sentence for each thing that is not as it should be."""
    problems = []

    def arrive(what: str) -> dict[str, dict[str, set[str]]]:
        say(f"Spark: {what}")
        before = {table: files_of(table) for table in incremental}
        load()
        dbt(
            "--quiet",
            "build",
            "--select",
            *(f"+{node.name}" for node in incremental.values()),
            *WITHOUT_TESTS,
            *OPTIONS,
        )
        changed = {}
        for table in incremental:
            after = files_of(table)
            changed[table] = {
                bucket for bucket in before[table] | after if before[table].get(bucket) != after.get(bucket)
            }
            print(f"{table}: {len(changed[table])} of {len(after)} buckets written", flush=True)
        return changed

    shutil.copytree(SAMPLE, FEEDS, ignore=shutil.ignore_patterns("part-*.csv", "*.md"))
    for part in LATE:
        shutil.copy(SAMPLE / "chat_events" / part, FEEDS / "chat_events")
        arrive(part)
    write_correction()
    for table, buckets in arrive("a correction that moves all events of a bucket").items():
        if len(buckets) != 2:
            problems.append(
                f"{table}: a correction from one bucket to another has written {len(buckets)} buckets, not 2."
            )
    for table, buckets in arrive("nothing new").items():
        if buckets:
            problems.append(f"{table}: a run without anything new has written {len(buckets)} buckets.")
    return problems


def build_on_duckdb() -> None:
    """Builds the same raw store on DuckDB, in a process of its own."""
    done = subprocess.run(
        [Path(sys.executable).with_name("dbt"), "build", "--target", "duckdb", "--exclude", "test_type:unit", *OPTIONS],
        env=os.environ | {"DBT_TARGET_PATH": str(HOME / "target-duckdb")},
        capture_output=True,
        text=True,
        check=False,
    )
    print(*done.stdout.splitlines()[-2:], sep="\n")
    if done.returncode != 0:
        raise SparkRunError(f"{done.stdout}\ndbt build failed on DuckDB.")


def compare_with_duckdb(connection, what: str, folder: Path, tables: dict[str, dict]) -> list[Comparison]:
    """Compares what a folder keeps of Spark with the tables of DuckDB, and prints what came of it."""
    say(f"{what}: Spark against DuckDB")
    results = []
    for table, node in sorted(tables.items()):
        types = dict(line.split("\t") for line in (folder / f"{table}.types").read_text().splitlines())
        types.pop(node.config.get("partition_by"), None)  # a column that Spark alone has
        without = frozenset(name for name, column in node.columns.items() if column.meta.get("engine") == "duckdb")
        spark = f"read_parquet('{folder / table}/*.parquet')"
        result = compare(connection, f"engagement.{table}", spark, types, without)
        results.append(result)
        verdict = "equal" if result.is_equal else f"DIFFERS in {result.differing_rows} rows"
        close = f", {result.close_rows} of them within {RELATIVE_TOLERANCE:.0e}" if result.close_rows else ""
        print(f"{table:<50} {result.row_count:>8,} rows  {verdict}{close}")
        for mismatch in result.mismatches:
            print(f"    type on DuckDB, on Spark: {mismatch}")
        for engine, rows in (("DuckDB", result.only_in_first), ("Spark", result.only_in_second)):
            for row in sorted(rows, key=str)[:SHOWN_ROWS]:
                print(f"    only on {engine}: {dict(zip(result.columns, map(str, row), strict=True))}")
    return results


def compare_everything(read: dict[str, dict], incremental: dict[str, dict]) -> list[Comparison]:
    """Compares what the batches and the full refresh came to with DuckDB, and names what only DuckDB has."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{HOME / 'build' / 'engagement.duckdb'}' as engagement (read_only)")
        results = compare_with_duckdb(connection, "Batches", HOME / "batches", incremental)
        results += compare_with_duckdb(connection, "Full refresh", HOME / "full", read | incremental)
        on_duckdb = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'engagement' "
            "union select schema_name || '.' || view_name from duckdb_views() where database_name = 'engagement' "
            "and not internal order by all"
        ).fetchall()
    for (table,) in on_duckdb:
        if table.split(".")[0] not in (*INTERNAL, "raw") and table not in read:
            print(f"{table:<50} not on Spark")
    return results


def main() -> int:
    started = time.monotonic()
    shutil.rmtree(HOME, ignore_errors=True)
    os.environ |= {
        "ENGAGEMENT_HOME": str(HOME),
        "ENGAGEMENT_RAW_DIR": str(FEEDS),
        "ENGAGEMENT_SPARK_CATALOG": "in-memory",
        "ENGAGEMENT_SPARK_WAREHOUSE": str(HOME / "spark"),
        "DBT_TARGET_PATH": str(HOME / "target-spark"),
        "DBT_LOG_PATH": str(HOME / "logs"),
        "DO_NOT_TRACK": "1",
    }
    try:
        prepare()
        manifest = dbt("--quiet", "parse")
        read = tables_of(manifest, lambda node: node.schema not in INTERNAL)
        incremental = tables_of(manifest, lambda node: node.config.get("partition_by") == "user_bucket")
        problems = run_batches(incremental)
        for table in incremental:
            keep(table, HOME / "batches")
        say("DuckDB: everything")
        build_on_duckdb()
        say("Spark: everything, full refresh, data tests")
        dbt("build", "--full-refresh", "--exclude", "test_type:unit", *OPTIONS)
        for table in read | incremental:
            keep(table, HOME / "full")
        who = executors()
        session().stop()
    except SparkRunError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    results = compare_everything(read, incremental)
    rows = sum(result.row_count for result in results)
    differing = sum(result.differing_rows + len(result.mismatches) for result in results)
    if rows == 0:
        problems.append("No rows were compared.")
    print("", *problems, who, sep="\n")
    print(f"{len(results)} tables, {rows:,} rows compared, {differing} differ. {time.monotonic() - started:.0f} s.")
    return 1 if problems or differing else 0


if __name__ == "__main__":
    sys.exit(main())
