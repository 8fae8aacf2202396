"""What predictions cost: as many users as asked for, made up, through everything that the Python models call.

    python benchmarks/predictions.py --users 1000000 --learning-users 20000

Features are drawn by chance in DuckDB, a row per user at the newest cut-off and per learning user at 25 before it.
Prints seconds and the peak of the process's memory, and writes both to benchmarks/results/predictions.json.
"""

import argparse
import json
import resource
import sys
import time
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from science import importance, predictions  # noqa: E402
from science.design import CATEGORIES, NUMBERS  # noqa: E402
from science.tables import chunks_of, columns_of  # noqa: E402

CUTOFFS, DEAD_AFTER_WEEKS, TEST_CUTOFFS = 26, 4, 4


def examples(connection: duckdb.DuckDBPyConnection, users: int, learning_users: int) -> None:
    """Makes table `examples`, with the columns of int_examples_prepared that predictions read."""
    drawn = [name for name in NUMBERS if not name.startswith(("orders_week", "days_since", "order_count"))]
    numbers = ", ".join(f"floor(20 * random() * random()) as {name}" for name in drawn)
    categories = ", ".join(f"'value ' || floor(5 * random())::int as {name}" for name in CATEGORIES)
    weeks = ", ".join(f"floor(1.4 * random()) as orders_week_{number}" for number in range(1, 6))
    connection.execute("select setseed(0.5)")
    connection.execute(f"""
        create table examples as
        with drawn as (
            select
                'user ' || lpad(number::varchar, 9, '0') as user_id, week as week_index,
                timestamp '2025-01-06' + week * interval '7 days' as cutoff_at, week = {CUTOFFS - 1} as is_newest,
                {numbers}, {categories}, {weeks}, floor(200 * random()) as last
            from range({users}) as users(number) cross join range({CUTOFFS}) as weeks(week)
            where week = {CUTOFFS - 1} or number < {learning_users}
        ), ordered as (
            select
                *, orders_week_1 + orders_week_2 + orders_week_3 + orders_week_4 + orders_week_5 as order_count,
                orders_week_1 + orders_week_2 + orders_week_3 + orders_week_4 + orders_week_5 > 0 as was_ordering
            from drawn
        )
        select
            * exclude (last),
            last as days_since_active,
            case when order_count > 0 then 1 + last % 35 end as days_since_order,
            case when order_count > 0 then 36 + last end as days_since_first_order,
            last + 300 as days_since_first_known,
            case when not is_newest then floor(0.2 * order_count + random()) end as orders_next_week,
            case when not is_newest then 1 - least(1, floor(0.2 * order_count + random())) end as no_order_next_week,
            case when was_ordering and week_index < {CUTOFFS - DEAD_AFTER_WEEKS} then (random() < last / 300)::int end
                as is_dead,
            case when is_newest then null when week_index >= {CUTOFFS - 1 - TEST_CUTOFFS} then 'test' else 'train' end
                as next_week_split,
            case
                when not was_ordering or week_index >= {CUTOFFS - DEAD_AFTER_WEEKS} then null
                when week_index >= {CUTOFFS - DEAD_AFTER_WEEKS - TEST_CUTOFFS} then 'test'
                when week_index < {CUTOFFS - 2 * DEAD_AFTER_WEEKS - TEST_CUTOFFS} then 'train'
            end as dead_split
        from ordered
    """)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--learning-users", type=int, default=20_000)
    asked = parser.parse_args()
    steps = {}

    def measured(name: str, call):
        begin = time.perf_counter()
        result = call()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        steps[name] = {"seconds": round(time.perf_counter() - begin, 1), "peak_gib_until_then": round(peak, 2)}
        print(name, steps[name], flush=True)
        return result

    with duckdb.connect(config={"threads": 2, "memory_limit": "2GB"}) as connection:
        measured("make up", lambda: examples(connection, asked.users, asked.learning_users))
        where = "next_week_split is not null or dead_split is not null"
        learned = columns_of(connection.sql(f"from examples where {where} order by user_id, cutoff_at"))
        scored = measured("scores", lambda: predictions.scored(learned, DEAD_AFTER_WEEKS, 500, 10))
        # Trees cost most to predict with, so they are measured, whatever beats the baseline.
        chosen = dict.fromkeys(scored["target"], "boosted_trees")
        newest = chunks_of(connection.sql("from examples where is_newest order by user_id"), 50)
        told = measured("predictions", lambda: predictions.predicted(learned, newest, chosen, DEAD_AFTER_WEEKS))
        measured("importance", lambda: importance.weighed(learned, 20_000))
    result = {
        "users": asked.users,
        "learning_users": asked.learning_users,
        "examples": len(learned["user_id"]),
        "predictions": len(told["user_id"]),
        "steps": steps,
    }
    path = PROJECT / "benchmarks" / "results" / "predictions.json"
    path.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    print(f"wrote {path.relative_to(PROJECT)}")


if __name__ == "__main__":
    main()
