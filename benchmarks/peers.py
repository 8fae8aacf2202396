"""The same work as `int_events_sessionized` by other tools: one Parquet file in, one Parquet file (or folder) out.

    python benchmarks/peers.py <tool> <events.parquet> <output>

reads the events, orders each user's by time and id, starts a session after a pause of 30 minutes or more, and writes
every event with its session's id, its session's number, its place in the session and the seconds since the user's
previous event. The session's id is the user and the session's first event: hashed where the tool has such a hash at
hand, else the two texts joined, which is cheaper. Each tool is used as its manual shows, on as many threads as the
environment variables allow that it obeys. Prints the seconds from before reading to after writing, the tool's import
left out, as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

GAP_MINUTES = 30


def polars(source: str, target: str, compression: str = "zstd") -> None:
    import polars as pl

    order = ["user_id", "event_at", "event_id"]
    new_user = pl.col("user_id") != pl.col("user_id").shift(1)
    pause = pl.col("event_at") - pl.col("event_at").shift(1)
    (
        pl.scan_parquet(source)
        .sort(order)
        .with_columns(
            starts_user=new_user.fill_null(True),
            pause=pl.when(~new_user).then(pause),
            place=pl.int_range(pl.len(), dtype=pl.Int64),
        )
        .with_columns(is_start=pl.col("starts_user") | (pl.col("pause") >= pl.duration(minutes=GAP_MINUTES)))
        .with_columns(sessions_so_far=pl.col("is_start").cum_sum().cast(pl.Int64))
        .with_columns(
            first_place=pl.when("is_start").then("place").forward_fill(),
            earlier_sessions=pl.when("starts_user").then(pl.col("sessions_so_far") - 1).forward_fill(),
            session_id=pl.when("is_start").then(pl.concat_str("user_id", "event_id", separator="|")).forward_fill(),
            unbroken_since=pl.when("is_start").then("event_at").forward_fill(),
        )
        .select(
            "event_id",
            "session_id",
            "user_id",
            "event_name",
            "device_type",
            session_number=pl.col("sessions_so_far") - pl.col("earlier_sessions"),
            position_in_session=pl.col("place") - pl.col("first_place") + 1,
            seconds_since_previous_event=pl.col("pause").dt.total_microseconds() / 1e6,
            event_at="event_at",
            unbroken_since="unbroken_since",
            loaded_at="loaded_at",
        )
        .sink_parquet(target, compression=compression)
    )


def polars_snappy(source: str, target: str) -> None:
    """Polars with the compression that DuckDB writes by default instead of its own: larger, and less work."""
    polars(source, target, "snappy")


def pandas(source: str, target: str) -> None:
    import pandas as pd

    events = pd.read_parquet(source, dtype_backend="pyarrow").sort_values(["user_id", "event_at", "event_id"])
    previous = events.groupby("user_id", sort=False)["event_at"].shift(1)
    pause = events["event_at"] - previous
    is_start = previous.isna() | (pause >= pd.Timedelta(minutes=GAP_MINUTES)).fillna(False)
    events["session_number"] = is_start.astype("int64").groupby(events["user_id"], sort=False).cumsum()
    session = is_start.astype("int64").cumsum()
    events["position_in_session"] = events.groupby(session, sort=False).cumcount() + 1
    events["seconds_since_previous_event"] = pause.dt.total_seconds()
    first = events[is_start.astype(bool)]
    ids = (first["user_id"] + "|" + first["event_id"]).reset_index(drop=True)
    events["session_id"] = ids.take(session.to_numpy() - 1).to_numpy()
    events["unbroken_since"] = first["event_at"].reset_index(drop=True).take(session.to_numpy() - 1).to_numpy()
    events.to_parquet(target, index=False)


def retentioneering(source: str, target: str) -> None:
    import pandas as pd
    from retentioneering import Eventstream

    columns = {"path_cols": ["user_id"], "event_col": "event_name", "timestamp_col": "event_at"}
    kept = {"custom_cols": ["event_id", "device_type", "loaded_at"]}
    stream = Eventstream(pd.read_parquet(source), schema=columns | kept)
    stream.split_sessions(timeout=f"{GAP_MINUTES}m").to_dataframe().to_parquet(target, index=False)


def spark(source: str, target: str) -> None:
    import os

    from pyspark.sql import SparkSession, Window
    from pyspark.sql import functions as f

    session = (
        SparkSession.builder.master(f"local[{os.environ['BENCHMARK_THREADS']}]")
        .config("spark.driver.memory", os.environ["BENCHMARK_SPARK_MEMORY"])
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    timeline = Window.partitionBy("user_id").orderBy("event_at", "event_id")
    so_far = timeline.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    events = session.read.parquet(source)
    microseconds = f.unix_micros(f.col("event_at").cast("timestamp"))
    events = events.withColumn("at", microseconds)
    events = events.withColumn("pause", f.col("at") - f.lag("at").over(timeline)).withColumn(
        "place", f.row_number().over(timeline)
    )
    events = events.withColumn("is_start", f.col("pause").isNull() | (f.col("pause") >= GAP_MINUTES * 60_000_000))
    start = f.when(f.col("is_start"), f.struct("place", "event_id", "event_at"))
    events = events.withColumn("session_number", f.sum(f.col("is_start").cast("bigint")).over(so_far)).withColumn(
        "start", f.last(start, ignorenulls=True).over(so_far)
    )
    events.select(
        "event_id",
        f.md5(f.concat_ws("|", "user_id", "start.event_id")).alias("session_id"),
        "user_id",
        "event_name",
        "device_type",
        "session_number",
        (f.col("place") - f.col("start.place") + 1).alias("position_in_session"),
        (f.col("pause") / 1e6).alias("seconds_since_previous_event"),
        "event_at",
        f.col("start.event_at").alias("unbroken_since"),
        "loaded_at",
    ).write.mode("overwrite").parquet(target)


TOOLS = {tool.__name__: tool for tool in (polars, polars_snappy, pandas, retentioneering, spark)}
MODULES = {"spark": "pyspark.sql", "polars_snappy": "polars"}

if __name__ == "__main__":
    tool, source, target = sys.argv[1:]
    __import__(MODULES.get(tool, tool))
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    TOOLS[tool](source, target)
    print(json.dumps({"seconds": time.perf_counter() - started}))
