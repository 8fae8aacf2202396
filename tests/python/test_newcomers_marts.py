"""New users of the sample and of made-up lives, against a reference that shares nothing with the models.

What it starts from is tested elsewhere: the stream of events, sessions, activations and profiles.
"""

import csv
from collections import defaultdict
from datetime import datetime

import pytest
from conftest import LIVES, PLACES, PROJECT, Build
from histories import TAXONOMY
from oracle import newcomers as oracle
from oracle.activity import next_period
from tables import assert_alike
from test_activity_marts import read_bands, read_world


def read_stages() -> list[oracle.Stage]:
    with (PROJECT / "seeds" / "reference" / "tenure_stages.csv").open(encoding="utf-8", newline="") as file:
        return [
            oracle.Stage(row["tenure_stage"], int(row["start_week"]), int(row["end_week"]) if row["end_week"] else None)
            for row in csv.DictReader(file)
        ]


def read_chat_beginnings() -> set[str]:
    with TAXONOMY.open(encoding="utf-8", newline="") as file:
        return {row["event_name"] for row in csv.DictReader(file) if row["is_chat_initiation"] == "true"}


class Place:
    """A build of the sample or of lives somewhere, and what is known there."""

    def __init__(self, build: Build, variables: dict, is_made_up: bool):
        self.build = build
        self.is_made_up = is_made_up
        self.world = read_world(build, **variables)
        self.calendar = self.world.calendar
        beginnings = read_chat_beginnings()
        self.events = [
            oracle.Event(user, at, feed, name in beginnings)
            for user, at, feed, name in build.query(
                "select user_id, event_at, feed, event_name from intermediate.int_events"
            )
        ]
        orders = build.query("select user_id, ordered_at from staging.stg_platform__orders")
        fixed = datetime.fromisoformat(variables["as_of"]) if "as_of" in variables else None
        chats = [event.at for event in self.events if event.feed == "chat_events"]
        ordered = [at for _, at in orders]
        self.known = {
            "activity": (self.world.observed_from, self.world.as_of),
            "chat_initiation": (min(chats), fixed or max(chats)),
            "orders": (min(ordered), fixed or max(ordered)),
        }
        self.orders = [(user, at) for user, at in orders if at <= self.known["orders"][1]]
        self.engagement = oracle.engagement(
            self.world.profiles.values(), self.events, *self.known["chat_initiation"], self.calendar
        )

    def periods(self, grain: str) -> list:
        """The first days of all periods, with whether the feeds tell of all of each."""
        moments = [one.at for one in self.world.seen] + [p.created_at for p in self.world.profiles.values()]
        start, last = (self.calendar.period(grain, at) for at in (min(moments), self.world.as_of))
        found = []
        while start <= last:
            found.append((start, self.world.is_told(grain, start)))
            start = next_period(grain, start)
        return found

    def rows(self, table: str, kind: type) -> list[tuple]:
        return [kind(*row) for row in self.build.query(f"select {', '.join(kind._fields)} from {table}")]


@pytest.fixture(scope="module", params=PLACES | LIVES)
def place(request, build_in) -> Place:
    return Place(build_in(request.param), (PLACES | LIVES)[request.param], request.param in LIVES)


def test_each_user(place):
    assert_alike(place.engagement, place.rows("marts.fct_new_user_engagement", oracle.Engagement))
    kinds = {row[6:11] for row in place.engagement}
    assert len(kinds) >= 4, "users of every kind"


def test_chat_initiation(place):
    periods = [(grain, *period) for grain in ("day", "week", "month") for period in place.periods(grain)]
    wanted = oracle.initiation(place.engagement, place.world.profiles, read_bands(), periods, place.calendar)
    assert_alike(wanted, place.rows("marts.agg_chat_initiation", oracle.Initiation))
    assert len({row.attribute for row in wanted}) == 7


def test_behaviour_by_tenure(place):
    moderated = [one for one in place.world.seen if one.session is None]
    sessions = place.build.query(
        "select user_id, started_at from marts.fct_sessions where event_count > milestone_event_count"
    )
    wanted = oracle.behaviour(
        place.world.profiles.values(),
        read_stages(),
        place.periods("week"),
        lambda at: place.calendar.period("week", at),
        [(one.user_id, one.at) for one in place.world.seen],
        [row for row in sessions if row[1] <= place.world.as_of] + [(one.user_id, one.at) for one in moderated],
        [(one.user_id, one.at, one.messages) for one in place.world.seen],
        place.orders,
    )
    assert_alike(wanted, place.rows("marts.agg_behaviour_by_tenure", oracle.Behaviour))
    assert all(
        sum(getattr(row, what) for row in wanted if row.tenure_stage == stage.name)
        for stage in read_stages()
        for what in ("users", "active_users", "session_count", "message_count", "order_count")
        if not place.is_made_up
    )


def test_campaigns(place):
    accounts, active, orders = defaultdict(list), defaultdict(list), defaultdict(list)
    for user, *judged in place.build.query("select user_id, is_complete, is_activated from marts.fct_activations"):
        accounts[user].append(tuple(judged))
    for one in place.world.seen:
        active[one.user_id].append(one.at)
    for user, at in place.orders:
        orders[user].append(at)
    wanted = oracle.campaigns(
        place.engagement, place.world.profiles, accounts, active, orders, place.calendar, place.known
    )
    assert_alike(wanted, place.rows("marts.agg_campaign_effectiveness", oracle.Campaign))
    whole = [row for row in wanted if row.acquisition_campaign == "all"]
    assert sum(row.registrations for row in whole) == len(place.world.profiles)
    accounts_of = () if place.is_made_up else (6, 7)
    assert all(sum(row[i] for row in whole) > 0 for i in (3, 4, *accounts_of, 9, 10, 12, 13, 15))
