"""Retention: the definitions once more, member by member, period by period.

Shares nothing with the SQL it checks. A member is asked of each period whether it is over and whether there was
activity in it; cohorts and curves only add up the answers.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from oracle.activity import DAY, GRAINS, World, next_period, ratio

BASES = ["first_activity", "creation"]
ROLLING = "rolling_24h"


class Cell(NamedTuple):
    """A row of agg_retention_cohorts."""

    cohort_basis: str
    cohort_grain: str
    cohort_start: date
    retention_kind: str
    period_number: int
    cohort_users: int
    eligible_users: int
    retained_users: int
    retention_rate: float | None
    is_complete: bool


class Point(NamedTuple):
    """A row of agg_retention_curves."""

    cohort_basis: str
    cohort_grain: str
    retention_kind: str
    period_number: int
    cohort_users: int
    eligible_users: int
    retained_users: int
    retention_rate: float | None
    is_complete: bool


class OneAndDone(NamedTuple):
    """A row of agg_one_and_done."""

    cohort_grain: str
    cohort_start: date
    cohort_users: int
    eligible_users: int
    active_users: int
    one_and_done_users: int
    one_and_done_rate: float | None
    is_complete: bool


class Answer(NamedTuple):
    """What a member says of a period."""

    user_id: str
    cohort_basis: str
    cohort_grain: str
    cohort_start: date
    retention_kind: str
    period_number: int
    is_eligible: bool
    is_retained: bool


def bases(world: World, basis: str) -> dict[str, datetime]:
    """The moment from which each member counts."""
    if basis == "creation":
        return {user: profile.created_at for user, profile in world.profiles.items()}
    moments = {}
    for activity in world.seen:
        moments[activity.user_id] = min(activity.at, moments.get(activity.user_id, activity.at))
    return moments


def later_activity(world: World, since: dict[str, datetime]) -> dict[str, list[datetime]]:
    """When each member was active, from the basis on."""
    moments = defaultdict(list)
    for activity in world.seen:
        if activity.user_id in since and activity.at >= since[activity.user_id]:
            moments[activity.user_id].append(activity.at)
    return moments


def has_begun(world: World, grain: str, cohort: date) -> bool:
    """Whether the period had begun by as_of. Who registers later in it is a member all the same."""
    return cohort <= world.calendar.period(grain, world.as_of)


def starts_from(grain: str, start: date, count: int) -> list[date]:
    """The first days of a period and of as many after it."""
    starts = [start]
    for _ in range(count):
        starts.append(next_period(grain, starts[-1]))
    return starts


def answers(world: World, periods: dict[str, int]) -> Iterator[Answer]:
    """What every member says of every period, up to so many after its own of each grain."""
    known: dict[tuple, list[tuple[date, bool]]] = {}  # periods of a cohort, and whether they are told of
    for basis in BASES:
        since = bases(world, basis)
        active = later_activity(world, since)
        for user, at in since.items():
            for grain in GRAINS:
                cohort = world.calendar.period(grain, at)
                if not has_begun(world, grain, cohort):
                    continue
                if (grain, cohort) not in known:
                    known[(grain, cohort)] = [
                        (start, world.is_told(grain, start)) for start in starts_from(grain, cohort, periods[grain])
                    ]
                in_periods = {world.calendar.period(grain, moment) for moment in active[user]}
                for number, (start, is_told) in enumerate(known[(grain, cohort)]):
                    came, comes = start in in_periods, any(period >= start for period in in_periods)
                    yield Answer(user, basis, grain, cohort, "on", number, is_told, is_told and came)
                    yield Answer(user, basis, grain, cohort, "on_or_after", number, is_told, is_told and comes)
            cohort = world.calendar.day(at)
            if not has_begun(world, "day", cohort):
                continue
            for number in range(periods["day"] + 1):
                begins, ends = at + number * DAY, at + (number + 1) * DAY
                is_told = world.observed_from <= begins and ends <= world.as_of
                came = any(begins <= moment < ends for moment in active[user])
                yield Answer(user, basis, "day", cohort, ROLLING, number, is_told, is_told and came)


def cohorts(world: World, periods: dict[str, int]) -> list[Cell]:
    members, eligible, retained = Counter(), Counter(), Counter()
    for answer in answers(world, periods):
        cell = answer[1:6]
        members[cell] += 1
        eligible[cell] += answer.is_eligible
        retained[cell] += answer.is_retained
    return [
        Cell(*cell, count, able, retained[cell], ratio(retained[cell], able), is_complete=able == count)
        for cell, count in members.items()
        for able in [eligible[cell]]
    ]


def curves(cells: list[Cell]) -> list[Point]:
    pooled = defaultdict(lambda: [0, 0, 0])
    for cell in cells:
        for place, count in enumerate((cell.cohort_users, cell.eligible_users, cell.retained_users)):
            pooled[(cell.cohort_basis, cell.cohort_grain, cell.retention_kind, cell.period_number)][place] += count
    return [
        Point(*key, members, eligible, retained, ratio(retained, eligible), eligible == members)
        for key, (members, eligible, retained) in pooled.items()
    ]


def one_and_done(world: World, enough: dict[str, int]) -> list[OneAndDone]:
    since = bases(world, "creation")
    active = later_activity(world, since)
    rows = []
    for grain in GRAINS:
        registered = defaultdict(list)
        for user, at in since.items():
            cohort = world.calendar.period(grain, at)
            if has_begun(world, grain, cohort):
                registered[cohort].append(user)
        for start, users in registered.items():
            last = starts_from(grain, start, enough[grain])[-1]
            is_told = world.is_told(grain, start) and world.is_told(grain, last)
            counts = [len({world.calendar.period(grain, at) for at in active[user]}) for user in users]
            eligible = len(users) if is_told else 0
            done = counts.count(1) if is_told else 0
            came = len(users) - counts.count(0) if is_told else 0
            rows.append(OneAndDone(grain, start, len(users), eligible, came, done, ratio(done, eligible), is_told))
    return rows
