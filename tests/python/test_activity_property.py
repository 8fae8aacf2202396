"""Activity, lifecycle and retention give what sets of users give, over thousands of lives and on both sides of UTC.

The lives are made up: one world for each time zone, built once. What a user is in each period, and when each member of
a cohort came back, is compared user by user, so that the smallest life that fails is shown; what is counted is
compared as it is.
"""

from collections import Counter

import pytest
from conftest import LIVES, LIVES_VARIABLES, Build
from lives import END, Life, user_id
from oracle import activity as oracle
from oracle import retention
from tables import assert_alike
from test_activity_marts import read_bands

PERIODS = LIVES_VARIABLES["retention_periods"]
DONE_PERIODS = LIVES_VARIABLES["one_and_done_periods"]
SHOWN = 10


def world_of(lives: list[Life], zone: str) -> oracle.World:
    """What the reference has to know of lives. Sessions are told apart by their first deed."""
    activities, profiles = [], {}
    for number, one in enumerate(lives):
        user, session, last = user_id(number), None, None
        for place, deed in enumerate(one.deeds):
            if deed.what == "moderated":
                activities.append(oracle.Activity(user, deed.at, None, messages=place))
                continue
            if last is None or deed.at - last >= oracle.timedelta(minutes=30):
                session = place
            last = deed.at
            if deed.what != "greeting_shown":
                activities.append(oracle.Activity(user, deed.at, session, int(deed.what == "chat_message_sent")))
        if one.created_at:
            born = oracle.date.fromisoformat(one.birth_date) if one.birth_date else None
            profiles[user] = oracle.Profile(
                user, one.created_at, born, gender=one.gender, acquisition_channel=one.channel
            )
    first = min(deed.at for one in lives for deed in one.deeds)
    return oracle.World(activities, profiles, END, oracle.Calendar(zone), first)


class World:
    """The lives of a zone, built, and what the reference makes of them."""

    def __init__(self, zone: str, lives: list[Life], build: Build):
        self.lives, self.build = lives, build
        self.known = world_of(lives, zone)

    def rows(self, kind: type, table: str) -> list[tuple]:
        return [kind(*row) for row in self.build.query(f"select {', '.join(kind._fields)} from {table}")]


@pytest.fixture(scope="module", params=LIVES)
def world(request, lives_in) -> World:
    return World(LIVES[request.param]["reporting_timezone"], *lives_in(request.param))


# --- the property --------------------------------------------------------------------------


def test_what_each_user_is_in_each_period(world):
    known = world.known
    wanted = Counter(
        (user, grain, start, state, registered)
        for grain in oracle.GRAINS
        for start in known.periods(grain)
        for state, users in zip(oracle.States._fields, oracle.states(known, grain, start), strict=True)
        for registered, of_kind in zip(
            ["new", "existing", "unknown"], oracle.created(known, grain, start, users), strict=True
        )
        for user in of_kind
    )
    found = Counter(
        world.build.query(
            "select user_id, period_grain, period_start, lifecycle_state, registration_state "
            "from intermediate.int_user_periods_classified "
            "inner join intermediate.int_periods_spanned using (period_grain, period_index)"
        )
    )
    fail_on_difference(world.lives, wanted, found)


def test_days(world):
    fail_on_difference(
        world.lives, Counter(oracle.user_days(world.known)), Counter(world.rows(oracle.UserDay, "marts.fct_user_days"))
    )


def test_active_users(world):
    assert_alike(oracle.active_users(world.known), world.rows(oracle.ActiveUsers, "marts.agg_active_users"))


def test_trailing_users(world):
    wanted = oracle.trailing_users(world.known)
    assert_alike(wanted, world.rows(oracle.TrailingUsers, "marts.agg_active_users_trailing"))


def test_lifecycle(world):
    assert_alike(oracle.lifecycle(world.known), world.rows(oracle.Lifecycle, "marts.agg_user_lifecycle"))


def test_by_attribute(world):
    wanted = oracle.by_attribute(world.known, read_bands())
    assert_alike(wanted, world.rows(oracle.OfValue, "marts.agg_activity_by_attribute"))


def test_when_each_member_came_back(world):
    """Of the calendar in exactly which periods, of 24 hours in which that were over."""
    wanted = Counter(
        answer[:6]
        for answer in retention.answers(world.known, PERIODS)
        if answer.is_retained and answer.retention_kind != "on_or_after"
    )
    found = Counter(
        world.build.query(
            "select user_id, cohort_basis, cohort_grain, cohort_start, retention_kind, period_number "
            "from intermediate.int_user_returns_numbered "
            "inner join intermediate.int_cohorts_sized as cohorts using (cohort_basis, cohort_grain, cohort_index) "
            "where retention_kind = 'rolling_24h' "
            "or (retention_kind = 'on' and period_number >= cohorts.first_complete_number "
            "and period_number <= least(cohorts.last_complete_number, "
            "case cohort_grain when 'day' then 9 when 'week' then 5 else 3 end))"
        )
    )
    fail_on_difference(world.lives, wanted, found)


def test_cohorts(world):
    wanted = retention.cohorts(world.known, PERIODS)
    assert_alike(wanted, world.rows(retention.Cell, "marts.agg_retention_cohorts"))
    for grain in oracle.GRAINS:
        cells = [cell for cell in wanted if cell.cohort_grain == grain]
        assert any(cell.is_complete and cell.retained_users == 0 for cell in cells)
        assert sum(cell.eligible_users == 0 for cell in cells) > 5
    rolling = [cell for cell in wanted if cell.retention_kind == retention.ROLLING]
    assert sum(0 < cell.eligible_users < cell.cohort_users for cell in rolling) > 5


def test_curves(world):
    wanted = retention.curves(retention.cohorts(world.known, PERIODS))
    assert_alike(wanted, world.rows(retention.Point, "marts.agg_retention_curves"))


def test_one_and_done(world):
    wanted = retention.one_and_done(world.known, DONE_PERIODS)
    assert_alike(wanted, world.rows(retention.OneAndDone, "marts.agg_one_and_done"))
    assert {row.is_complete for row in wanted} == {True, False}


def test_the_world_has_what_is_easily_got_wrong(world):
    """All states in every grain, registrations after activity, users who never come, periods that are not over."""
    rows = oracle.lifecycle(world.known)
    for grain in oracle.GRAINS:
        counts = [row[2:8] for row in rows if row.period_grain == grain]
        assert all(sum(column) > 20 for column in zip(*counts, strict=True))
    first = {}
    for activity in world.known.activities:
        first[activity.user_id] = min(activity.at, first.get(activity.user_id, activity.at))
    profiles = world.known.profiles
    assert sum(user in first and first[user] < profile.created_at for user, profile in profiles.items()) > 40
    assert sum(user not in first for user in profiles) > 20
    assert sum(user not in profiles for user in first) > 50
    begin = world.known.calendar.day(world.known.observed_from)
    assert sum(not row.is_complete for row in rows if row.period_start >= begin) == 3
    assert sum(not row.is_complete for row in rows if row.period_start < begin) > 3


def fail_on_difference(lives: list[Life], wanted: Counter, found: Counter) -> None:
    """Fails where rows of users differ, and shows the shortest life of those."""
    missing, unexpected = wanted - found, found - wanted
    numbers = {int(row[0].split()[1]) for row in [*missing, *unexpected]}
    if not numbers:
        return
    number = min(numbers, key=lambda one: (len(lives[one].deeds), one))
    lines = [f"{len(numbers)} of {len(lives)} lives differ. The shortest is {number}: {lives[number]}"]
    for title, rows in (("expected", missing), ("found", unexpected)):
        lines += [f"  {title} {row}" for row in sorted(map(str, rows)) if f"'{user_id(number)}'" in row][:SHOWN]
    pytest.fail("\n".join(lines), pytrace=False)


# --- the reference itself, by hand ---------------------------------------------------------


def test_reference_knows_where_periods_begin():
    calendar = oracle.Calendar("America/New_York")
    before, at = oracle.datetime(2025, 3, 10, 3, 59, 59, 999999), oracle.datetime(2025, 3, 10, 4)
    assert [calendar.day(moment).day for moment in (before, at)] == [9, 10]
    assert [calendar.period("week", moment).day for moment in (before, at)] == [3, 10]
    assert calendar.is_over("week", oracle.date(2025, 3, 3), at)
    assert not calendar.is_over("week", oracle.date(2025, 3, 3), before)
    assert oracle.next_period("month", oracle.date(2024, 2, 1)) == oracle.date(2024, 3, 1)
    assert oracle.previous_period("week", oracle.date(2025, 1, 6)) == oracle.date(2024, 12, 30)


def test_reference_counts_whole_years():
    born = oracle.date(2000, 2, 29)
    days = [oracle.date(2025, 2, 28), oracle.date(2025, 3, 1), oracle.date(2024, 2, 28), oracle.date(2024, 2, 29)]
    assert [oracle.age(born, day) for day in days] == [24, 25, 23, 24]


def test_reference_by_hand():
    """Active on the 1st, 2nd and 4th of May; registered on the 2nd; known up to the 5th."""
    day = oracle.datetime(2025, 5, 1, 12)
    world = oracle.World(
        [oracle.Activity("a", day + k * oracle.DAY, 1, 0) for k in (0, 1, 3)],
        {"a": oracle.Profile("a", day + oracle.DAY), "b": oracle.Profile("b", day + 3 * oracle.DAY)},
        as_of=day + 4 * oracle.DAY,
    )
    of_days = [row[2:] for row in oracle.lifecycle(world) if row.period_grain == "day"]
    assert of_days == [
        (1, 0, 0, 0, 1, 0, True),
        (0, 1, 0, 0, 1, 0, True),
        (0, 0, 0, 1, 0, 0, True),
        (0, 0, 1, 0, 1, 1, True),
        (0, 0, 0, 1, 0, 1, False),
    ]
    of_days = [row[2:7] for row in oracle.active_users(world) if row.period_grain == "day"]
    assert of_days == [(1, 0, 0, 1, 0), (1, 1, 0, 0, 1), (0, 0, 0, 0, 0), (1, 0, 1, 0, 1), (0, 0, 0, 0, 0)]
    assert [row.active_7d for row in oracle.trailing_users(world)] == [1, 1, 1, 1, 1]


def test_reference_of_retention_by_hand():
    """Registered at noon on 1 May, active a day before, and on the 2nd at 11:00 and at noon. Known up to the 4th."""
    noon = oracle.datetime(2025, 5, 1, 12)
    moments = [noon - oracle.DAY, noon + oracle.timedelta(hours=23), noon + oracle.DAY]
    world = oracle.World(
        [oracle.Activity("a", at, 1, 0) for at in moments], {"a": oracle.Profile("a", noon)}, noon + 3 * oracle.DAY
    )
    cells = retention.cohorts(world, {"day": 3, "week": 0, "month": 0})

    def retained(basis: str, kind: str) -> list[tuple[int, int]]:
        of_kind = [cell for cell in cells if cell[:2] == (basis, "day") and cell.retention_kind == kind]
        return [(cell.eligible_users, cell.retained_users) for cell in sorted(of_kind)]

    assert retained("creation", "on") == [(1, 0), (1, 1), (1, 0), (0, 0)]
    assert retained("creation", "on_or_after") == [(1, 1), (1, 1), (1, 0), (0, 0)]
    assert retained("creation", retention.ROLLING) == [(1, 1), (1, 1), (1, 0), (0, 0)]
    assert retained("first_activity", "on") == [(1, 1), (1, 0), (1, 1), (1, 0)]
    assert retained("first_activity", retention.ROLLING) == [(1, 1), (1, 1), (1, 1), (1, 0)]
    of_day, *_ = retention.one_and_done(world, {"day": 2, "week": 1, "month": 1})
    assert of_day == ("day", noon.date(), 1, 1, 1, 1, 1.0, True)
