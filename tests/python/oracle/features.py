"""What was known of users at weekly cut-offs: the definition once more, user by user and cut-off by cut-off.

Shares nothing with the SQL it checks: it goes through all that feeds ever told, keeps what was told by then, and
counts. Moments are UTC without a zone; days and weeks are those of a time zone.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from oracle.activity import age

DAY = timedelta(days=1)
GAP = timedelta(minutes=30)


class Version(NamedTuple):
    """What a feed told of an event, once. loaded_at is what the feed itself says, or None."""

    event_id: str
    user_id: str
    name: str
    at: datetime
    loaded_at: datetime | None
    is_accepted: bool


class Profile(NamedTuple):
    created_at: datetime
    birth_date: date | None
    gender: str | None
    income_band: str | None
    country_group: str | None
    acquisition_channel: str | None
    device_type: str | None


class Moderated(NamedTuple):
    user_id: str
    at: datetime
    minutes: float
    messages: int


class Order(NamedTuple):
    user_id: str
    at: datetime
    value: float | None


class Movement(NamedTuple):
    user_id: str
    at: datetime
    kind: str
    points: int


@dataclass(frozen=True)
class Feeds:
    """All that is known in the end. zone is that of days and weeks, names those of events that are activity, begin a
    chat, are a message."""

    versions: list[Version]
    profiles: dict[str, Profile]
    moderated: list[Moderated]
    orders: list[Order]
    movements: list[Movement]
    zone: str
    activity_names: set[str]
    chat_names: set[str]
    message_name: str

    def day(self, moment: datetime) -> date:
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(self.zone)).date()

    def begin(self, day: date) -> datetime:
        """The moment at which a day begins."""
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone)).astimezone(UTC).replace(tzinfo=None)

    @cached_property
    def told_of_event(self) -> dict[str, list[Version]]:
        told = defaultdict(list)
        for version in self.versions:
            told[version.event_id].append(version)
        return told

    def events_known(self, cutoff: datetime) -> list[Version]:
        """Of each event what had been told last, where that is before the cut-off."""
        known = []
        for told in self.told_of_event.values():
            by_then = [one for one in told if one.loaded_at is None or one.loaded_at < cutoff]
            if by_then:
                last = max(by_then, key=lambda one: (one.loaded_at or datetime.min, one.is_accepted))
                if last.at < cutoff:
                    known.append(last)
        return known


class Features(NamedTuple):
    """A row of int_user_features."""

    user_id: str
    cutoff_at: datetime
    cutoff_on: date
    has_profile: bool
    gender: str
    income_band: str
    country_group: str
    acquisition_channel: str
    device_type: str
    age: int | None
    tenure_days: int | None
    days_since_first_known: int
    days_since_active: int | None
    active_days_4w: int
    orders_week_1: int
    orders_week_2: int
    orders_week_3: int
    orders_week_4: int
    orders_week_5: int
    order_count: int
    days_since_first_order: int | None
    days_since_order: int | None
    event_count_4w: int
    chat_count_4w: int
    message_count_4w: int
    session_count_4w: int
    moderated_session_count_4w: int
    moderated_minutes_4w: float
    order_value_4w: float
    point_transaction_count_4w: int
    accrued_points_4w: int
    redeemed_points_4w: int
    point_balance: int


def by_user(rows: list) -> dict[str, list]:
    found = defaultdict(list)
    for row in rows:
        found[row.user_id].append(row)
    return found


def features_at(feeds: Feeds, monday: date) -> list[Features]:
    """The rows of one cut-off."""
    cutoff, month = feeds.begin(monday), feeds.begin(monday - 28 * DAY)
    weeks = [feeds.begin(monday - 7 * number * DAY) for number in range(6)]
    events = by_user(feeds.events_known(cutoff))
    moderated, orders, movements = (
        by_user([row for row in rows if row.at < cutoff]) for rows in (feeds.moderated, feeds.orders, feeds.movements)
    )
    profiles = {user: profile for user, profile in feeds.profiles.items() if profile.created_at < cutoff}

    def days_since(moments: list[datetime], pick=max) -> int | None:
        return (monday - feeds.day(pick(moments))).days if moments else None

    rows = []
    for user in events.keys() | moderated.keys() | orders.keys() | movements.keys() | profiles.keys():
        profile = profiles.get(user)
        says = [(profile and value) or "unknown" for value in (profile or [None] * 7)[2:]]
        mine = sorted(events[user], key=lambda event: (event.at, event.event_id))
        active = [event.at for event in mine if event.name in feeds.activity_names] + [m.at for m in moderated[user]]
        ordered = [order.at for order in orders[user]]
        known = [r.at for r in (*mine, *moderated[user], *orders[user], *movements[user])]
        lately = [event for event in mine if event.at >= month]
        met = [m for m in moderated[user] if m.at >= month]
        moved = [m for m in movements[user] if m.at >= month]
        begun = [e.at for before, e in zip([None, *mine], mine, strict=False) if not before or e.at - before.at >= GAP]
        signs = {"accrue": 1, "redeem": -1, "expire": -1, "adjust": 1}
        rows.append(
            Features(
                user,
                cutoff,
                monday,
                profile is not None,
                *says,
                age(profile.birth_date, monday) if profile and profile.birth_date else None,
                days_since([profile.created_at]) if profile else None,
                days_since(known + ([profile.created_at] if profile else []), min),
                days_since(active),
                len({feeds.day(at) for at in active if at >= month}),
                *(sum(weeks[k] <= at < weeks[k - 1] for at in ordered) for k in range(1, 6)),
                len(ordered),
                days_since(ordered, min),
                days_since(ordered),
                len(lately),
                sum(event.name in feeds.chat_names for event in lately),
                sum(event.name == feeds.message_name for event in lately) + sum(m.messages for m in met),
                sum(at >= month for at in begun),
                len(met),
                float(sum(m.minutes for m in met)),
                float(sum(order.value or 0 for order in orders[user] if order.at >= month)),
                len(moved),
                sum(m.points for m in moved if m.kind == "accrue"),
                sum(m.points for m in moved if m.kind == "redeem"),
                sum(signs[m.kind] * m.points for m in movements[user]),
            )
        )
    return rows


class Outcome(NamedTuple):
    """A row of int_user_outcomes_observed."""

    user_id: str
    cutoff_at: datetime
    was_ordering: bool
    is_complete_next_week: bool
    orders_next_week: int | None
    is_complete_dead: bool
    is_dead: bool | None


def outcomes_at(feeds: Feeds, monday: date, users: set[str], as_of: datetime, dead_after_weeks: int) -> list[Outcome]:
    """What users did after a cut-off, as far as it is known at as_of."""
    begin, five_weeks_before = feeds.begin(monday), feeds.begin(monday - 35 * DAY)
    week_end, dead_end = feeds.begin(monday + 7 * DAY), feeds.begin(monday + 7 * dead_after_weeks * DAY)
    orders = by_user(feeds.orders)
    rows = []
    for user in users:
        moments = [order.at for order in orders.get(user, [])]
        was_ordering = any(five_weeks_before <= at < begin for at in moments)
        rows.append(
            Outcome(
                user,
                begin,
                was_ordering,
                week_end <= as_of,
                sum(begin <= at < week_end for at in moments) if week_end <= as_of else None,
                dead_end <= as_of,
                not any(begin <= at < dead_end for at in moments) if was_ordering and dead_end <= as_of else None,
            )
        )
    return rows
