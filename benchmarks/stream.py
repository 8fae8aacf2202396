"""Event streams to measure with: as many events as asked for, the same bytes for the same arguments.

Ids are UUIDs written as text, as product streams have them. Users are skewed (a fifth of them has most of the
sessions), sessions are bursts of a few events seconds apart, and the rows come in the order of `event_at`, each loaded
some seconds to minutes after it happened.

    python benchmarks/stream.py write <events.parquet> <how many events>
    python benchmarks/stream.py export <export.parquet> <how many events>
    python benchmarks/stream.py people <events.parquet> <folder>
    python benchmarks/stream.py split <events.parquet> <order> <folder> <share> …

`export` writes the same stream as a product's flat export: each user is a client with an account, whose milestones are
columns that every row repeats.

`people` writes what else is known of the users of a stream: users.parquet, orders.parquet and
point_transactions.parquet, two orders and five movements of points for each on average.

`split` writes the stream into several files of the folder: batch-<share>.parquet for each share of it, and base.parquet
with what is before them, in the order "in-order" (by time) or "late" (each event at random).
"""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import duckdb

EVENTS_PER_SESSION = 8
SESSIONS_PER_USER = 12
DAYS = 90

# Every random number is a hash of a text that says what it is for, so that nothing depends on threads or on the order
# of rows. (The hash of several values at once is no such number: those of two purposes are correlated.)
STREAM = """
    with sessions as (
        select
            range as session,
            hash(concat('user ', range)) / 18446744073709551616.0 as user_draw,
            hash(concat('start ', range)) / 18446744073709551616.0 as start_draw,
            hash(concat('length ', range)) / 18446744073709551617.0 as length_draw
        from range({sessions})
    ),
    events as (
        select
            session,
            cast(floor(pow(user_draw, 2.5) * {users}) as bigint) as user_number,
            start_draw,
            unnest(range(1 + cast(floor(-ln(1 - length_draw) * {mean_extra}) as bigint))) as place
        from sessions
    ),
    timed as (
        select
            session,
            user_number,
            place,
            make_timestamp(
                1735689600000000
                + cast(floor(start_draw * {days} * 86400e6) as bigint)
                + place * 45000000
                + cast(floor(hash(concat('pause ', session, ' ', place)) / 18446744073709551616.0 * 40e6) as bigint)
            ) as event_at
        from events
    )
    select
        cast(cast(md5(concat('event ', session, ' ', place)) as uuid) as varchar) as event_id,
        cast(cast(md5(concat('user ', user_number)) as uuid) as varchar) as user_id,
        case cast(hash(concat('name ', session, ' ', place)) % 8 as int)
            when 0 then 'app_open' when 1 then 'page_viewed' when 2 then 'chat_started' when 3 then 'tutorial_step'
            else 'chat_message_sent'
        end as event_name,
        event_at,
        case cast(hash(concat('device ', session)) % 3 as int) when 0 then 'desktop' else 'mobile' end as device_type,
        event_at + to_seconds(cast(hash(concat('lag ', session, ' ', place)) % 120 as int)) as loaded_at
    from timed
    order by event_at, event_id
    limit {events}
"""

# A draw of its own for each milestone; each comes at random within its days after the one before, for its share of all.
EXPORT = """
    with events as ({stream}),
    clients as (
        select
            user_id,
            min(event_at) - interval 30 seconds as created_at,
            row_number() over (order by user_id) as account_number
        from events
        group by user_id
    ),
    enabled as (
        select *, {enabled} as enabled_at from clients
    ),
    published as (
        select *, {published} as published_at, {trial} as trial_at from enabled
    ),
    histories as (
        select *, {activated} as activated_at, {paid} as paid_at from published
    )
    select
        case events.event_name
            when 'app_open' then 'builder_opened'
            when 'page_viewed' then 'tutorial_opened'
            when 'chat_started' then 'onboarding_started'
            when 'tutorial_step' then 'flow_publish_clicked'
            else 'block_added'
        end as event_name,
        events.event_at as event_dttm,
        events.user_id as client_id,
        histories.created_at as client_creationdate,
        'owner' as admin_status,
        'tier1' as country_group,
        false as support_provided,
        'search' as traffic_source,
        first_value(events.device_type) over (partition by events.user_id order by events.event_at, events.event_id)
            as first_device_type_of_user,
        'friend' as hear_source,
        histories.created_at + interval 10 seconds as account_creationdate,
        cast(histories.account_number as varchar) as account_id,
        'retail' as industry,
        'instagram' as initial_channel,
        true as first_account_for_user,
        'free' as current_account_status,
        100 as ig_followerscount,
        histories.enabled_at as ig_enable_dttm,
        histories.activated_at as ig_activation_dttm,
        histories.published_at as first_ig_flow_publish_dttm,
        histories.trial_at as trial_dttm,
        histories.paid_at as paid_dttm,
        histories.trial_at - interval 2 seconds as pro_dttm,
        10.5 as ltv_predicted
    from events
    inner join histories on events.user_id = histories.user_id
    order by events.event_at, events.event_id
"""
MILESTONES = {  # the moment before, the share of those who got there, within how many days
    "enabled": ("created_at", 0.6, 3),
    "published": ("enabled_at", 0.7, 3),
    "trial": ("created_at", 0.3, 10),
    "activated": ("published_at", 0.7, 5),
    "paid": ("trial_at", 0.4, 14),
}

PEOPLE = {
    "users": """
        select
            user_id,
            registered_at as created_at,
            case hash('gender ' || user_id) % 3 when 0 then 'female' when 1 then 'male' end as gender,
            date '1960-01-01' + cast(hash('birth ' || user_id) % 16000 as int) as birth_date,
            'band ' || hash('income ' || user_id) % 4 as income_band,
            'channel ' || hash('channel ' || user_id) % 5 as acquisition_channel,
            'campaign ' || hash('campaign ' || user_id) % 12 as acquisition_campaign,
            'tier ' || hash('country ' || user_id) % 3 as country_group,
            case hash('device ' || user_id) % 3 when 0 then 'desktop' else 'mobile' end as device_type,
            'level ' || hash('level ' || user_id) % 4 as user_level,
            registered_at as updated_at
        from users
    """,
    "orders": """
        select
            md5('order ' || user_id || ' ' || place) as order_id,
            user_id,
            registered_at + to_seconds(cast(hash('order at ' || user_id || ' ' || place) % 7000000 as int))
                as ordered_at,
            hash('value ' || user_id || ' ' || place) % 10000 / 100.0 as order_value
        from (select *, unnest(range(cast(hash('orders ' || user_id) % 5 as int))) as place from users)
    """,
    "point_transactions": """
        select
            md5('points ' || user_id || ' ' || place) as transaction_id,
            user_id,
            registered_at + to_seconds(cast(hash('points at ' || user_id || ' ' || place) % 7000000 as int))
                as transaction_at,
            case hash('type ' || user_id || ' ' || place) % 5
                when 0 then 'redeem' when 1 then 'expire' else 'accrue'
            end as transaction_type,
            cast(1 + hash('amount ' || user_id || ' ' || place) % 100 as bigint) as points
        from (select *, unnest(range(cast(hash('movements ' || user_id) % 11 as int))) as place from users)
    """,
}
USERS = """
    with users as (
        select user_id, min(event_at) - interval 1 minute as registered_at
        from read_parquet('{source}')
        group by user_id
    )
    {query} order by all
"""


def connect(threads: int, memory: str) -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory with so many threads and so much memory ('20GB')."""
    return duckdb.connect(config={"threads": threads, "memory_limit": memory})


def stream_query(events: int) -> str:
    """The SQL of a stream of so many events."""
    sessions = int(events / EVENTS_PER_SESSION * 1.02) + 100
    return STREAM.format(
        sessions=sessions,
        users=max(sessions // SESSIONS_PER_USER, 1),
        days=DAYS,
        mean_extra=EVENTS_PER_SESSION - 0.5,
        events=events,
    )


def export_query(events: int) -> str:
    """The SQL of a flat export of so many events."""
    moments = {
        name: f"case when hash(concat('{name} ', user_id)) < {share} * 18446744073709551616.0"
        f" then {before} + to_seconds(cast(hash(concat('{name} after ', user_id)) % {days * 86400} as bigint)) end"
        for name, (before, share, days) in MILESTONES.items()
    }
    return EXPORT.format(stream=stream_query(events), **moments)


def write_parquet(query: str, path: Path, threads: int = 2, memory: str = "18GB") -> None:
    """Write what a query gives to one Parquet file at `path`, in its order."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with connect(threads, memory) as duck:
        duck.execute(f"set temp_directory = '{path.parent / 'spill'}'")
        duck.execute(f"copy ({query}) to '{path}' (format parquet, compression zstd)")


def write_people(source: Path, folder: Path) -> None:
    """Write what else is known of the users of a stream, a file for each feed."""
    for feed, query in PEOPLE.items():
        write_parquet(USERS.format(source=source, query=query), folder / f"{feed}.parquet")


def split_stream(source: Path, order: str, folder: Path, shares: list[float]) -> None:
    """Write the events of `source` to base.parquet and one file for each share, in the order in which they come in."""
    placed = {"in-order": "event_at, event_id", "late": "hash(event_id), event_id"}[order]
    with connect(2, "16GB") as duck:
        duck.execute(f"set temp_directory = '{folder / 'spill'}'")
        duck.execute(f"""
            create table placed as
            select event_id, row_number() over (order by {placed}) as place from read_parquet('{source}')
        """)
        events = duck.execute("select count(*) from placed").fetchone()[0]
        bounds = [0, round(events * (1 - sum(shares)))]
        for share in shares:
            bounds.append(bounds[-1] + round(events * share))
        for name, (low, high) in zip(["base", *(f"batch-{share}" for share in shares)], pairwise(bounds), strict=True):
            duck.execute(f"""
                copy (
                    select events.*
                    from read_parquet('{source}') as events
                    inner join placed on events.event_id = placed.event_id
                    where placed.place > {low} and placed.place <= {high}
                    order by events.event_at, events.event_id
                ) to '{folder / name}.parquet' (format parquet, compression zstd)
            """)


if __name__ == "__main__":
    if sys.argv[1] == "split":
        split_stream(Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4]), [float(share) for share in sys.argv[5:]])
    elif sys.argv[1] == "people":
        write_people(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        query = {"write": stream_query, "export": export_query}[sys.argv[1]]
        write_parquet(query(int(sys.argv[3])), Path(sys.argv[2]))
