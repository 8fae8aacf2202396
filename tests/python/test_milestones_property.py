"""Milestones stay right however exports tell of them: incremental = full refresh = a reference in plain Python.

Random clients on a coarse grid of moments, so that ties, exact half hours and sessions that a milestone joins are
common. Each export is a snapshot: it tells some of the events again, and may know another date of a milestone, none
any more, or another owner of an account, or its status.
"""

import datetime as dt
from pathlib import Path
from random import Random

import pytest
from conftest import Build, run_dbt
from oracle.sessions import seconds
from test_onboarding_marts import NOTHING_BUT_MODELS, compare, oracle, world_of, write_export

CLIENTS = 250
EXPORTS = 3
START = dt.datetime(2025, 5, 1)
COLUMNS = list(oracle.FEEDS["onboarding_events"])
NAMES = ["onboarding_started", "builder_opened", "flow_publish_clicked", "contact_collected", "unheard_of"]
SELECT = ["--select", "+fct_milestones", "+agg_activations_by_session", "+fct_sessions", "+account_statuses"]


def moment(random: Random) -> dt.datetime:
    """On a grid of ten minutes within a few hours of one of three days, or a microsecond beside it."""
    day, step = random.choice([0, 0, 1, 9]), random.randrange(12)
    beside = random.choice([0, 0, 0, -1, 1])
    return START + dt.timedelta(days=day, minutes=10 * step, microseconds=beside)


def said(at: dt.datetime | None) -> str:
    return "" if at is None else at.isoformat(sep=" ")


def snapshots(seed: int) -> list[list[dict]]:
    """The rows of each export."""
    random = Random(seed)
    milestones = list(oracle.ACCOUNT_MILESTONES.values())
    exports = [[] for _ in range(EXPORTS)]
    for number in range(CLIENTS):
        owners = [f"client-{number}", f"client-{number + 1}"]
        accounts = [f"account-{number}-{place}" for place in range(random.choice([1, 1, 2]))]
        created = moment(random) if random.random() < 0.9 else None
        dates = {account: {name: None for name in milestones} for account in accounts}
        events = [
            (random.choice([*accounts, ""]), random.choice(NAMES), moment(random))
            for _ in range(random.randrange(1, 7))
        ]
        owner = dict.fromkeys(accounts, owners[0])
        status = dict.fromkeys(accounts, "free")
        for export in exports:
            for account in accounts:
                for name in milestones:
                    if random.random() < 0.35:
                        dates[account][name] = moment(random) if random.random() < 0.75 else None
                if random.random() < 0.05:
                    owner[account] = owners[1]
                if random.random() < 0.3:
                    status[account] = random.choice(["free", "trial", "pro", ""])
            if created and random.random() < 0.1:
                created = moment(random)
            for account, name, at in events:
                if random.random() < 0.6:
                    row = dict.fromkeys(COLUMNS, "")
                    if account:
                        row |= {column: said(value) for column, value in dates[account].items()}
                        row["current_account_status"] = status[account]
                    client = owner.get(account, owners[0])
                    row |= {"event_name": name, "event_dttm": said(at), "client_id": client, "account_id": account}
                    row["first_device_type_of_user"] = ["mobile", "desktop", ""][int(client.split("-")[1]) % 3]
                    if client == owners[0]:
                        row["client_creationdate"] = said(created)
                    export.append(row)
    for day, export in enumerate(exports, start=20):
        # Its last event, by which it is dated.
        closing = {"event_name": NAMES[1], "event_dttm": said(START + dt.timedelta(days=day)), "client_id": "client-0"}
        export.append(dict.fromkeys(COLUMNS, "") | closing)
        random.shuffle(export)
    return exports


def sessions_of(world: oracle.World) -> list[dict]:
    """What fct_sessions says of each session, as far as no hash decides."""
    return [
        {
            "user_id": user,
            "session_number": session.number,
            "started_at": session.started_at,
            "ended_at": session.ended_at,
            "duration_seconds": seconds(session.ended_at - session.started_at),
            "event_count": len(session.events),
            "milestone_event_count": sum(event.feed == "milestones" for event in session.events),
        }
        for user, sessions in world.shown_sessions.items()
        for session in sessions
    ]


def statuses_told(exports: list[list[dict]]) -> list[tuple]:
    """Rows of account, status, told_at and replaced_at, after exports in the order in which they came in."""
    histories: dict[str, list[list]] = {}
    told_at = ""
    for export in exports:
        told_at = max([told_at, *(row["event_dttm"] for row in export)])
        said_now = {row["account_id"]: row["current_account_status"] for row in export if row["account_id"]}
        for account, status in said_now.items():
            history = histories.setdefault(account, [])
            if status and (not history or history[-1][0] != status):
                history.append((status, told_at))
    rows = []
    for account, history in histories.items():
        ends = [*(at for _, at in history[1:]), None][: len(history)]
        rows += [(account, status, at, end) for (status, at), end in zip(history, ends, strict=True)]
    return sorted(rows, key=str)


def statuses_of(done: Build, relation: str, status: str, start: str, end: str) -> list[tuple]:
    query = f"select account_id, {status}, {start}, {end} from {relation} where {end} is null or {start} < {end}"
    moments = [(account, status, said(start), said(end) or None) for account, status, start, end in done.query(query)]
    return sorted(moments, key=str)


MART = ("marts.dim_account_statuses", "account_status", "told_at", "replaced_at")
SNAPSHOT = ("snapshots.account_statuses", "account_status", "dbt_valid_from", "dbt_valid_to")


def compare_all(done: Build, raw: Path) -> oracle.World:
    world = world_of(done, raw)
    compare(done, "fct_milestones", oracle.fct_milestones(world), "milestone entity_id")
    compare(done, "fct_activations", oracle.fct_activations(world), "account_id")
    compare(done, "fct_sessions", sessions_of(world), "user_id session_number")
    return world


@pytest.mark.parametrize("seed", [1])
def test_however_exports_tell_of_milestones(seed, tmp_path):
    raw, home = tmp_path / "feeds", tmp_path / "home"
    before = {}
    exports = snapshots(seed)
    for number, rows in enumerate(exports):
        write_export(raw / "onboarding_events", f"export-{number}.csv", COLUMNS, rows)
        done = run_dbt(raw, home, "build", *SELECT, *NOTHING_BUT_MODELS)
        assert done.status == 0, done.output
        world = compare_all(done, raw)
        statuses = statuses_told(exports[: number + 1])
        assert statuses_of(done, *MART) == statuses
        assert statuses_of(done, *SNAPSHOT) == statuses
        reached = {(m.milestone, m.entity_id): (m.user_id, m.reached_at) for m in world.milestones}
        moved = [key for key, place in before.items() if reached[key] != place]
        assert number == 0 or len(moved) > CLIENTS / 4, "too few milestones move to show anything"
        before = reached
    done = run_dbt(raw, home, "build", *SELECT, *NOTHING_BUT_MODELS, "--full-refresh")
    assert done.status == 0, done.output
    compare_all(done, raw)
    assert statuses_of(done, *MART) == statuses
    assert any(replaced_at for *_, replaced_at in statuses)

    # An export that is gone takes its rows with it, and what they alone told; the snapshot keeps it.
    (raw / "onboarding_events" / "export-0.csv").unlink()
    done = run_dbt(raw, home, "build", "--select", "+account_statuses", *NOTHING_BUT_MODELS, "--full-refresh")
    assert done.status == 0, done.output
    assert statuses_of(done, *MART) == statuses_told(exports[1:]) != statuses
    assert set(statuses_of(done, *SNAPSHOT)) >= set(statuses)
