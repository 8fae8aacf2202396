"""Users at weekly cut-offs, against all that feeds ever told gone through one by one; and nothing later matters."""

import csv
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from conftest import LIVES, PLACES, PROJECT, SAMPLE, Build, run_dbt
from histories import TAXONOMY
from oracle import features as oracle
from tables import assert_alike

VARIABLES = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
DAY = timedelta(days=1)


def read_feeds(build: Build, zone: str) -> oracle.Feeds:
    """All accepted rows, and the rows that later ones of the same event replaced."""
    with TAXONOMY.open(encoding="utf-8", newline="") as file:
        names = list(csv.DictReader(file))
    told = build.query(
        "select event_id, user_id, event_name, event_at, loaded_at, outcome = 'accepted' "
        "from staging.base_chatbot__chat_events where outcome != 'rejected' or reasons = 'conflicting_duplicate' "
        "union all select event_id, user_id, event_name, event_at, null, true from staging.stg_onboarding__events"
    )
    profiles = build.query(
        "select user_id, created_at, birth_date, gender, income_band, country_group, acquisition_channel, device_type "
        "from staging.stg_platform__users"
    )
    moderated = build.query(
        "select user_id, started_at, session_length_minutes, messages_sent from staging.stg_platform__activity_sessions"
    )
    orders = build.query("select user_id, ordered_at, order_value from staging.stg_platform__orders")
    movements = build.query(
        "select user_id, transaction_at, transaction_type, points from staging.stg_loyalty__point_transactions"
    )
    return oracle.Feeds(
        [oracle.Version(*row) for row in told],
        {user: oracle.Profile(*says) for user, *says in profiles},
        [oracle.Moderated(*row) for row in moderated],
        [oracle.Order(*row) for row in orders],
        [oracle.Movement(*row) for row in movements],
        zone,
        {row["event_name"] for row in names if row["is_activity"] == "true"},
        {row["event_name"] for row in names if row["is_chat_initiation"] == "true"},
        VARIABLES["message_event"],
    )


def rows_of(build: Build, table: str, kind: type, condition: str = "true") -> list[tuple]:
    return [kind(*row) for row in build.query(f"select {', '.join(kind._fields)} from {table} where {condition}")]


@pytest.mark.parametrize("where", [*PLACES, *LIVES])
def test_features_and_outcomes(where, build_in):
    build, variables = build_in(where), VARIABLES | (PLACES | LIVES)[where]
    feeds = read_feeds(build, variables["reporting_timezone"])
    last_order = max(order.at for order in feeds.orders)
    last_activity = max(
        [version.at for version in feeds.versions if version.is_accepted] + [one.at for one in feeds.moderated]
    )
    override = variables["as_of"] and datetime.fromisoformat(variables["as_of"])
    orders_known, all_known = override or last_order, override or min(last_order, last_activity)
    today = feeds.day(all_known)
    newest = today - today.weekday() * DAY
    mondays = [newest - 7 * number * DAY for number in range(variables["feature_cutoffs"])]
    rows, outcomes = [], []
    for monday in mondays:
        at_once = oracle.features_at(feeds, monday)
        rows += at_once
        users = {row.user_id for row in at_once}
        outcomes += oracle.outcomes_at(feeds, monday, users, orders_known, variables["dead_after_weeks"])
    assert_alike(rows, rows_of(build, "intermediate.int_user_features", oracle.Features))
    assert_alike(outcomes, rows_of(build, "intermediate.int_user_outcomes_observed", oracle.Outcome))
    assert {row.is_dead for row in outcomes} == {True, False, None}
    if where == "as it is":
        # Otherwise it would not matter when something was loaded, or what was corrected.
        assert len({version.event_id for version in feeds.versions}) < len(feeds.versions)
        known = {monday: set(feeds.events_known(feeds.begin(monday))) for monday in mondays}
        in_the_end = {version for version in feeds.versions if version.is_accepted}
        assert any(
            known[monday] != {version for version in in_the_end if version.at < feeds.begin(monday)}
            for monday in mondays
        )


CUTOFF = datetime(2025, 10, 6)
MOMENTS = {
    "chat_events": "event_at",
    "onboarding_events": "event_dttm",
    "orders": "ordered_at",
    "point_transactions": "transaction_at",
    "user_activity": "timestamp",
    "users": "created_at",
}


def moment_of(text: str) -> datetime | None:
    """What a text says, in UTC without a zone."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def is_later(row: dict, feed: str) -> bool:
    """Whether a row tells of something at the cut-off or after it, or came in then."""
    told = [moment_of(row[name] or "") for name in (MOMENTS[feed], "loaded_at") if name in row]
    return any(at >= CUTOFF for at in told if at)


def rewrite_what_is_later(folder: Path) -> dict[str, int]:
    """Makes the future another one: half of its rows are gone, the others tell of other users and moments.

    And new rows come in: events that had happened before and are loaded late, corrections of such, other orders, other
    levels. Gives how many rows of each feed were changed.
    """
    changed = dict.fromkeys(MOMENTS, 0)
    for path in sorted(folder.rglob("*.csv")):
        feed = path.stem if path.parent == folder else path.parent.name
        if feed not in MOMENTS:
            continue
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            header = reader.fieldnames
            rows = list(reader)
        kept = []
        for number, row in enumerate(rows):
            if None in row or None in row.values():
                continue
            if not is_later(row, feed):
                if feed == "users":
                    row |= {"user_level": "platinum", "updated_at": "2025-12-01 00:00:00"}
                kept.append(row)
                continue
            changed[feed] += 1
            if number % 2:
                at = CUTOFF + timedelta(hours=number % 2000)
                kept.append(row | {MOMENTS[feed]: str(at)} | ({"loaded_at": str(at)} if "loaded_at" in row else {}))
        if feed == "chat_events" and path.stem == "part-3":
            old = [row for row in kept if not is_later(row, feed)][:200] + rows[:0]
            late = {"event_at": str(CUTOFF - 3 * DAY), "loaded_at": str(CUTOFF), "device_type": ""}
            kept += [row | late | {"event_name": "chat_message_sent"} for row in old]
            kept += [row | late | {"event_id": f"late {number}"} for number, row in enumerate(old)]
        if feed == "orders":
            kept += [
                {"order_id": f"later {number}", "user_id": row["user_id"], "ordered_at": str(at), "order_value": "5"}
                for number, row in enumerate(rows)
                for at in [CUTOFF + timedelta(hours=number)]
            ]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header)
            writer.writeheader()
            writer.writerows(kept)
    return changed


def test_the_future_moves_no_feature(sample_build, tmp_path):
    shutil.copytree(SAMPLE, tmp_path / "feeds")
    changed = rewrite_what_is_later(tmp_path / "feeds")
    assert all(changed.values())
    tests = ["--exclude-resource-type", "test", "unit_test"]
    done = run_dbt(tmp_path / "feeds", tmp_path / "home", "build", "--select", "+int_user_features", *tests)
    assert done.status == 0, done.output
    until = f"cutoff_at <= timestamp '{CUTOFF}'"
    before, after = (
        rows_of(build, "intermediate.int_user_features", oracle.Features, until) for build in (sample_build, done)
    )
    shared = {row.cutoff_at for row in before} & {row.cutoff_at for row in after}
    assert CUTOFF in shared and len(shared) > 5
    assert_alike([row for row in before if row.cutoff_at in shared], [row for row in after if row.cutoff_at in shared])
    later = f"cutoff_at = timestamp '{CUTOFF + 28 * DAY}'"
    assert rows_of(sample_build, "intermediate.int_user_features", oracle.Features, later) != rows_of(
        done, "intermediate.int_user_features", oracle.Features, later
    )


def test_cut_offs_are_mondays(sample_build):
    assert {
        day.weekday() for (day,) in sample_build.query("select cutoff_on from intermediate.int_cutoffs_spanned")
    } == {date(2025, 10, 6).weekday()}
