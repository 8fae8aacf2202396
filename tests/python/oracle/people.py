"""Users month by month, and the wide table: the definitions once more, user by user.

Shares nothing with the SQL it checks. Moments are UTC without a zone; days are those of a time zone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from oracle.activity import DAY, UNKNOWN, AgeBand, World, age, next_period, ratio

COMPARE = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class Rule(NamedTuple):
    """A row of reference.user_segments."""

    segment: str
    priority: int
    feature: str
    operator: str
    value: float


class UserMonth(NamedTuple):
    """A row of fct_user_segments_monthly."""

    user_id: str
    month_start: date
    segment: str
    tenure_days: int | None
    days_since_active: int | None
    active_days: int
    active_days_28: int
    active_months: int
    is_active: bool


class Share(NamedTuple):
    """A row of agg_segment_distribution."""

    month_start: date
    segment: str
    users: int
    active_users: int
    all_users: int
    user_share: float | None


class Way(NamedTuple):
    """A row of agg_segment_migration."""

    month_start: date
    from_segment: str
    to_segment: str
    users: int
    users_from_segment: int
    migration_rate: float | None


class People(NamedTuple):
    """A row of agg_demographics_monthly."""

    month_start: date
    gender: str
    age_band: str
    users: int
    registered_users: int
    registrations: int
    active_users: int
    is_complete: bool


def segment_of(features: dict[str, float | None], rules: Iterable[Rule]) -> str:
    """The first segment, by priority, all of whose rules hold."""
    by_segment = defaultdict(list)
    for rule in rules:
        measure = features[rule.feature]
        by_segment[(rule.priority, rule.segment)].append(
            measure is not None and COMPARE[rule.operator](measure, rule.value)
        )
    return next((segment for (_, segment), held in sorted(by_segment.items()) if all(held)), "other")


def months_that_are_over(world: World) -> list[date]:
    moments = [one.at for one in world.seen] + [profile.created_at for profile in world.profiles.values()]
    month, months = world.calendar.period("month", min(moments)), []
    while world.calendar.is_over("month", month, world.as_of):
        months.append(month)
        month = next_period("month", month)
    return months


def user_months(world: World, rules: list[Rule]) -> list[UserMonth]:
    """Of all months that are over; segments are told of those alone that the feeds tell of."""
    days = defaultdict(set)
    for one in world.seen:
        days[one.user_id].add(world.calendar.day(one.at))
    created = {user: world.calendar.day(profile.created_at) for user, profile in world.profiles.items()}
    rows = []
    for user in days.keys() | created.keys():
        known = [*days[user], *([created[user]] if user in created else [])]
        for month in months_that_are_over(world):
            end = next_period("month", month)
            if min(known) >= end:
                continue
            past = [day for day in days[user] if day < end]
            features = {
                "tenure_days": (end - created[user]).days if user in created else None,
                "days_since_active": (end - max(past)).days if past else None,
                "active_days": len(past),
                "active_days_28": sum(day >= end - 28 * DAY for day in past),
                "active_months": len({(day.year, day.month) for day in past}),
            }
            is_active = any(day >= month for day in past)
            rows.append(UserMonth(user, month, segment_of(features, rules), *features.values(), is_active))
    return rows


def distribution(rows: list[UserMonth]) -> list[Share]:
    users, active, everybody = Counter(), Counter(), Counter()
    for row in rows:
        users[(row.month_start, row.segment)] += 1
        active[(row.month_start, row.segment)] += row.is_active
        everybody[row.month_start] += 1
    return [
        Share(month, segment, count, active[(month, segment)], everybody[month], ratio(count, everybody[month]))
        for (month, segment), count in users.items()
    ]


def migration(rows: list[UserMonth]) -> list[Way]:
    segments = {(row.user_id, row.month_start): row.segment for row in rows}
    ways, sources = Counter(), Counter()
    for (user, month), segment in segments.items():
        before = (month - timedelta(days=1)).replace(day=1)
        source = segments.get((user, before), "not known yet")
        ways[(month, source, segment)] += 1
        sources[(month, source)] += 1
    return [
        Way(month, source, segment, count, sources[(month, source)], ratio(count, sources[(month, source)]))
        for (month, source, segment), count in ways.items()
    ]


def band_of(born: date | None, day: date, bands: list[AgeBand]) -> str:
    if born is None:
        return UNKNOWN
    years = age(born, day)
    return next((band.name for band in bands if band.start_age <= years < band.end_age), UNKNOWN)


def demographics(world: World, rows: list[UserMonth], bands: list[AgeBand]) -> list[People]:
    counts = defaultdict(lambda: [0, 0, 0, 0])
    for row in rows:
        profile = world.profiles.get(row.user_id)
        end = next_period("month", row.month_start)
        gender = (profile.gender or UNKNOWN) if profile else UNKNOWN
        band = band_of(profile.birth_date if profile else None, end - DAY, bands)
        created = world.calendar.day(profile.created_at) if profile else None
        told = [True, created is not None and created < end, created is not None and row.month_start <= created < end]
        for place, is_so in enumerate([*told, row.is_active]):
            counts[(row.month_start, gender, band)][place] += is_so
    return [People(*key, *numbers, world.is_told("month", key[0])) for key, numbers in counts.items()]
