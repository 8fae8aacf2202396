"""Users of the sample and of made-up lives month by month, and the wide table, against references.

These share nothing with the models. What it starts from is tested elsewhere: staging, and the facts that the wide
table sums up.
"""

import csv
from collections import defaultdict
from datetime import datetime, timedelta
from statistics import fmean

import pytest
from conftest import LIVES, PLACES, PROJECT, Build
from oracle import people as oracle
from oracle.activity import age
from tables import assert_alike
from test_activity_marts import read_bands, read_world
from test_engagement_marts import same


def read_rules() -> list[oracle.Rule]:
    with (PROJECT / "seeds" / "reference" / "user_segments.csv").open(encoding="utf-8", newline="") as file:
        return [
            oracle.Rule(row["segment"], int(row["priority"]), row["feature"], row["operator"], float(row["value"]))
            for row in csv.DictReader(file)
        ]


class Place:
    """A build of the sample or of lives somewhere, and what is known of its users."""

    def __init__(self, build: Build, variables: dict):
        self.build = build
        self.variables = variables
        self.world = read_world(build, **variables)
        self.all_months = oracle.user_months(self.world, read_rules())
        self.months = [row for row in self.all_months if self.world.is_told("month", row.month_start)]

    def rows(self, table: str, kind: type) -> list[tuple]:
        return [kind(*row) for row in self.build.query(f"select {', '.join(kind._fields)} from {table}")]

    def by_user(self, query: str) -> dict[str, list[tuple]]:
        """The rest of each row by its first column, the user."""
        found = defaultdict(list)
        for user, *rest in self.build.query(query):
            found[user].append(tuple(rest))
        return found

    def as_of(self, moments: list[datetime]) -> datetime:
        return datetime.fromisoformat(self.variables["as_of"]) if "as_of" in self.variables else max(moments)


@pytest.fixture(scope="module", params=PLACES | LIVES)
def place(request, build_in) -> Place:
    return Place(build_in(request.param), (PLACES | LIVES)[request.param])


def test_segments_of_users(place):
    assert_alike(place.months, place.rows("marts.fct_user_segments_monthly", oracle.UserMonth))
    assert {row.segment for row in place.months} == {rule.segment for rule in read_rules()}


def test_distribution_and_migration(place):
    assert_alike(oracle.distribution(place.months), place.rows("marts.agg_segment_distribution", oracle.Share))
    ways = oracle.migration(place.months)
    assert_alike(ways, place.rows("marts.agg_segment_migration", oracle.Way))
    assert any(way.from_segment == "dormant" and way.to_segment != "dormant" for way in ways)


def test_demographics(place):
    wanted = oracle.demographics(place.world, place.all_months, read_bands())
    assert_alike(wanted, place.rows("marts.agg_demographics_monthly", oracle.People))


def last(moments: list[datetime]) -> datetime | None:
    return max(moments, default=None)


def first(moments: list[datetime]) -> datetime | None:
    return min(moments, default=None)


def mean(values: list) -> float | None:
    told = [float(value) for value in values if value is not None]
    return fmean(told) if told else None


def test_wide_table(place):
    """Each group of columns, told again from the facts."""
    world, day = place.world, place.world.calendar.day
    today = day(world.as_of)
    profiles = place.by_user("select * from (select user_id, * exclude (user_id) from staging.stg_platform__users)")
    sessions = place.by_user(
        "select user_id, started_at, duration_seconds, event_count, chat_event_count from marts.fct_sessions"
        " where event_count > milestone_event_count"
    )
    moderated = place.by_user(
        "select user_id, started_at, session_length_minutes, user_engagement_score, engagement_index, feedback_rating"
        " from marts.fct_activity_sessions"
    )
    advice = place.by_user(
        "select user_id, recommendation_type, click_through_rate, feedback_score"
        " from staging.stg_platform__recommendations"
    )
    engaged = place.by_user(
        "select user_id, first_contact_at, first_chat_at, seconds_to_first_chat, initiated_within_7d, is_complete_7d,"
        " is_non_engaging from marts.fct_new_user_engagement"
    )
    accounts = place.by_user(
        "select accounts.user_id, activations.activated_at from marts.dim_accounts as accounts"
        " left join marts.fct_activations as activations using (account_id)"
    )
    first_sessions = place.by_user("select user_id, segment from marts.fct_first_sessions")
    clusters = dict(
        place.build.query("select user_id, cluster from marts.ml_user_clusters where is_preferred and cluster > 0")
    )
    points = place.by_user(
        "select user_id, balance, accrued_points, redeemed_points, expired_points, overdrafts, last_transaction_at"
        " from marts.dim_point_balances"
    )
    all_orders = place.build.query("select user_id, ordered_at, order_value from staging.stg_platform__orders")
    orders_as_of = place.as_of([at for _, at, _ in all_orders])
    orders = defaultdict(list)
    for user, at, value in all_orders:
        if at <= orders_as_of:
            orders[user].append((at, value))
    active = defaultdict(list)
    for one in world.seen:
        active[one.user_id].append(one)
    predicted = defaultdict(dict)
    for user, target, prediction, cutoff_at in place.build.query(
        "select user_id, target, prediction, cutoff_at from marts.ml_predictions"
    ):
        predicted[user] |= {target: prediction, "from": cutoff_at}
    # Whoever comes last stays: the latest, and of those at the same moment the first by name.
    assigned = {
        user: assignment
        for user, *assignment in place.build.query(
            "select user_id, experiment_name, variant, stratum, assigned_at from marts.fct_experiment_assignments"
            " order by assigned_at, experiment_name desc"
        )
    }
    segments = {}
    for row in sorted(place.months, key=lambda row: row.month_start):
        segments[row.user_id] = (row.segment, row.month_start)
    seen = (
        {row[0] for row in place.build.query("select distinct user_id from intermediate.int_events")}
        | {row[0] for row in place.build.query("select client_id from staging.stg_onboarding__clients")}
        | {row[0] for row in place.build.query("select user_id from staging.stg_platform__activity_sessions")}
        | {row[0] for row in place.build.query("select user_id from staging.stg_loyalty__point_transactions")}
        | {row[0] for row in place.build.query("select user_id from staging.stg_experiments__exposures")}
        | {user for user, *_ in all_orders}
        | profiles.keys()
        | advice.keys()
    )
    names = [name for name, *_ in place.build.query("describe marts.dim_users")]
    assert len(names) <= 120
    found = {row[0]: dict(zip(names, row, strict=True)) for row in place.build.query("from marts.dim_users")}
    assert found.keys() == seen
    bands = read_bands()
    for user, row in found.items():
        [profile] = profiles.get(user) or [None]
        ago = {one: (today - day(one.at)).days for one in active[user]}
        begun = [s for s in sessions[user] if s[0] <= world.as_of]
        wanted = {
            "has_profile": profile is not None,
            "created_at": profile and profile[0],
            "created_on": profile and day(profile[0]),
            "gender": profile and profile[1],
            "birth_date": profile and profile[2],
            "age": age(profile[2], today) if profile and profile[2] else None,
            "age_band": oracle.band_of(profile and profile[2], today, bands),
            "income_band": profile and profile[3],
            "acquisition_channel": profile and profile[4],
            "acquisition_campaign": profile and profile[5],
            "country_group": profile and profile[6],
            "device_type": profile and profile[7],
            "user_level": profile and profile[8],
            "profile_updated_at": profile and profile[9],
            "tenure_days": (today - day(profile[0])).days if profile else None,
            "first_active_at": first([one.at for one in active[user]]),
            "last_active_at": last([one.at for one in active[user]]),
            "days_since_active": min(ago.values(), default=None),
            "active_days": len(set(ago.values())),
            "active_days_7d": len({days for days in ago.values() if days < 7}),
            "active_days_28d": len({days for days in ago.values() if days < 28}),
            "message_count": sum(one.messages for one in active[user]),
            "message_count_7d": sum(one.messages for one in active[user] if (today - day(one.at)).days < 7),
            "message_count_28d": sum(one.messages for one in active[user] if (today - day(one.at)).days < 28),
            "session_count": len(begun),
            "session_count_7d": sum(at > world.as_of - timedelta(days=7) for at, *_ in begun),
            "session_count_28d": sum(at > world.as_of - timedelta(days=28) for at, *_ in begun),
            "event_count": sum(s[2] for s in begun),
            "chat_event_count": sum(s[3] for s in begun),
            "mean_session_seconds": mean([s[1] for s in begun]),
            "first_session_at": first([s[0] for s in begun]),
            "last_session_at": last([s[0] for s in begun]),
            "moderated_session_count": len(moderated[user]),
            "moderated_minutes": sum(float(s[1]) for s in moderated[user]) if moderated[user] else None,
            "mean_engagement_score": mean([s[2] for s in moderated[user]]),
            "mean_engagement_index": mean([s[3] for s in moderated[user]]),
            "mean_feedback_rating": mean([s[4] for s in moderated[user]]),
            "last_moderated_session_at": last([s[0] for s in moderated[user]]),
            "recommendation_count": len(advice[user]),
            "recommendation_types": ", ".join(sorted({a[0] for a in advice[user]})) or None,
            "avg_recommendation_ctr": mean([a[1] for a in advice[user]]),
            "avg_recommendation_feedback": mean([a[2] for a in advice[user]]),
            "is_client": user in first_sessions,
            "account_count": len(accounts[user]),
            "activated_account_count": sum(a[0] is not None for a in accounts[user]),
            "first_activated_at": first([a[0] for a in accounts[user] if a[0]]),
            "first_session_segment": first_sessions[user][0][0] if user in first_sessions else None,
            "order_count": len(orders[user]),
            "order_count_28d": sum(at > orders_as_of - timedelta(days=28) for at, _ in orders[user]),
            "order_value": sum(float(v) for _, v in orders[user] if v is not None)
            if any(v is not None for _, v in orders[user])
            else None,
            "first_ordered_at": first([at for at, _ in orders[user]]),
            "last_ordered_at": last([at for at, _ in orders[user]]),
            "segment": segments.get(user, (None, None))[0],
            "segment_month": segments.get(user, (None, None))[1],
            "cluster": clusters.get(user),
            "predicted_orders_next_week": predicted[user].get("orders_next_week"),
            "probability_no_order_next_week": predicted[user].get("no_order_next_week"),
            "probability_dead": predicted[user].get("dead"),
            "predicted_from": predicted[user].get("from"),
        }
        experiment = ("last_experiment", "last_variant", "last_stratum", "last_assigned_at")
        wanted |= zip(experiment, assigned.get(user, [None] * 4), strict=True)
        kept = ("first_contact_at", "first_chat_at", "seconds_to_first_chat", "initiated_within_7d", "is_complete_7d")
        wanted |= zip((*kept, "is_non_engaging"), engaged[user][0] if user in engaged else [None] * 6, strict=True)
        ledger = ("point_balance", "accrued_points", "redeemed_points", "expired_points", "overdrafts")
        told = points[user][0] if user in points else (0, 0, 0, 0, 0, None)
        wanted |= zip((*ledger, "last_point_transaction_at"), told, strict=True)
        assert {name for name in wanted if not same(wanted[name], row[name])} == set(), user
        assert row.keys() - wanted.keys() == {"user_id"}
