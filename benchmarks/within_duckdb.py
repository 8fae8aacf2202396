"""What is measured inside of one DuckDB, each in a process of its own so that its memory can be told.

    python benchmarks/within_duckdb.py limit <build file>
    python benchmarks/within_duckdb.py model <the model's compiled SQL> <events.parquet> <output>
    python benchmarks/within_duckdb.py count <output>

`limit` sorts the rows of int_events by user, time and id and writes them to a table: no way of finding sessions can do
with less. `model` runs the SQL of int_events_sessionized from one Parquet file to another. Both print
the seconds as JSON; `count` prints how many events and sessions an output (a file or a folder) holds.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import duckdb

SORTED = "intermediate.benchmark_sorted"
# Rows in a row group of the file: a third of what DuckDB takes by default, and about what Polars does. Writing takes
# less of the processor so; the compression is DuckDB's default, snappy, which costs less than that of Polars, zstd.
ROW_GROUP = 40960
EVENTS = """
    select
        event_id,
        user_id,
        cast(null as varchar) as account_id,
        event_name,
        'navigation' as event_category,
        device_type,
        'chat_events' as feed,
        event_at,
        loaded_at
    from read_parquet('{source}')
"""


def limit(build_file: str) -> float:
    with duckdb.connect(build_file, config={"threads": os.environ["BENCHMARK_THREADS"]}) as duck:
        started = time.perf_counter()
        duck.execute("begin")
        duck.execute(
            f"create table {SORTED} as select * from intermediate.int_events order by user_id, event_at, event_id"
        )
        duck.execute("commit")
        seconds = time.perf_counter() - started
        duck.execute(f"drop table {SORTED}")
    return seconds


def model(sql: str, source: str, target: str) -> float:
    with duckdb.connect(config={"threads": os.environ["BENCHMARK_THREADS"]}) as duck:
        duck.execute(f"set temp_directory = '{Path(target).parent / 'spill'}'")
        duck.execute("set preserve_insertion_order = false")  # as DuckDB's manual advises for large exports
        duck.execute("attach ':memory:' as engagement")
        duck.execute("create schema engagement.intermediate")
        duck.execute(f"create view engagement.intermediate.int_events as {EVENTS.format(source=source)}")
        started = time.perf_counter()
        duck.execute(
            f"copy ({Path(sql).read_text()}) to '{target}'"
            f" (format parquet, parquet_version v2, row_group_size {ROW_GROUP})"
        )
        return time.perf_counter() - started


def count(target: str) -> list[int]:
    files = f"{target}/*.parquet" if Path(target).is_dir() else target
    return list(duckdb.sql(f"select count(*), count(distinct session_id) from read_parquet('{files}')").fetchone())


if __name__ == "__main__":
    task, *arguments = sys.argv[1:]
    if task == "count":
        print(json.dumps(count(*arguments)))
    else:
        print(json.dumps({"seconds": {"limit": limit, "model": model}[task](*arguments)}))
