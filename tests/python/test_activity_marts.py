"""Activity and retention of the sample, against references that share nothing with the models.

What it starts from is tested elsewhere: events in their sessions, accepted moderated sessions and profiles.
"""

import csv

import pytest
import yaml
from conftest import PLACES, PROJECT, Build
from histories import TAXONOMY
from oracle import activity as oracle
from oracle import retention
from tables import assert_alike

VARIABLES = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
TABLES = {
    "marts.fct_user_days": oracle.user_days,
    "marts.agg_active_users": oracle.active_users,
    "marts.agg_active_users_trailing": oracle.trailing_users,
    "marts.agg_user_lifecycle": oracle.lifecycle,
}
KINDS = {
    "marts.fct_user_days": oracle.UserDay,
    "marts.agg_active_users": oracle.ActiveUsers,
    "marts.agg_active_users_trailing": oracle.TrailingUsers,
    "marts.agg_user_lifecycle": oracle.Lifecycle,
}


def read_activity_names() -> set[str]:
    """The names of events that make a user active."""
    with TAXONOMY.open(encoding="utf-8", newline="") as file:
        return {row["event_name"] for row in csv.DictReader(file) if row["is_activity"] == "true"}


def read_bands() -> list[oracle.AgeBand]:
    with (PROJECT / "seeds" / "reference" / "age_bands.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["age_band"] != oracle.UNKNOWN]
    return [oracle.AgeBand(row["age_band"], int(row["start_age"]), int(row["end_age"])) for row in rows]


def read_world(build: Build, **variables) -> oracle.World:
    """What the warehouse knows of users, before anything is counted."""
    has = VARIABLES | variables
    names = read_activity_names()
    events = build.query(
        "select user_id, event_at, session_number, event_name, feed from intermediate.int_events_sessionized"
    )
    moderated = build.query("select user_id, started_at, messages_sent from staging.stg_platform__activity_sessions")
    columns = ", ".join(oracle.Profile._fields)
    profiles = [oracle.Profile(*row) for row in build.query(f"select {columns} from staging.stg_platform__users")]
    last = max([at for _, at, *_ in events] + [at for _, at, _ in moderated])
    first = min([at for _, at, *_, feed in events if feed != "milestones"] + [at for _, at, _ in moderated])
    return oracle.World(
        activities=[
            oracle.Activity(user_id, at, session, int(name == has["message_event"]))
            for user_id, at, session, name, _ in events
            if name in names
        ]
        + [oracle.Activity(user_id, at, None, messages) for user_id, at, messages in moderated],
        profiles={profile.user_id: profile for profile in profiles},
        as_of=oracle.datetime.fromisoformat(has["as_of"]) if has["as_of"] else last,
        calendar=oracle.Calendar(has["reporting_timezone"]),
        observed_from=first,
    )


@pytest.fixture(scope="module", params=PLACES)
def place(request, sample_in) -> tuple[Build, oracle.World]:
    """A build and what is known of its users."""
    build = sample_in(request.param)
    return build, read_world(build, **PLACES[request.param])


def rows(build: Build, table: str, kind: type) -> list[tuple]:
    return [kind(*row) for row in build.query(f"select {', '.join(kind._fields)} from {table}")]


@pytest.mark.parametrize("table", TABLES)
def test_table(place, table):
    build, world = place
    assert_alike(TABLES[table](world), rows(build, table, KINDS[table]))


def test_users_by_attribute(place):
    build, world = place
    wanted = oracle.by_attribute(world, read_bands())
    assert_alike(wanted, rows(build, "marts.agg_activity_by_attribute", oracle.OfValue))
    assert len({row.attribute for row in wanted}) == 6
    assert {row.value for row in wanted if row.attribute == "age_band"} > {oracle.UNKNOWN}


def test_retention(place):
    build, world = place
    cells = retention.cohorts(world, VARIABLES["retention_periods"])
    assert_alike(cells, rows(build, "marts.agg_retention_cohorts", retention.Cell))
    points = retention.curves(cells)
    assert_alike(points, rows(build, "marts.agg_retention_curves", retention.Point))
    assert len(points) == 2 * (3 * 31 + 2 * 13 + 2 * 13)


def test_one_and_done(place):
    build, world = place
    wanted = retention.one_and_done(world, VARIABLES["one_and_done_periods"])
    assert_alike(wanted, rows(build, "marts.agg_one_and_done", retention.OneAndDone))
    assert sum(row.one_and_done_users for row in wanted) > 0


def test_the_sample_has_users_of_every_kind(place):
    """Otherwise the tables would agree on nothing much."""
    _, world = place
    months = [row for row in oracle.lifecycle(world) if row.period_grain == "month"]
    assert all(sum(counts) > 0 for counts in zip(*(row[2:8] for row in months), strict=True))
    active = [row for row in oracle.active_users(world) if row.period_grain == "month"]
    assert all(sum(counts) > 0 for counts in zip(*(row[2:7] for row in active), strict=True))
    assert {row.is_complete for row in active} == {True, False}
