"""Days of activity, active users and lifecycle: the definitions once more, as sets of users.

Shares nothing with the SQL it checks. Who is active in a period is a set; everything else is asked of these sets,
period by period and as often as need be. Moments are UTC without a zone; days are those of a time zone.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

GRAINS = ["day", "week", "month"]
DAY = timedelta(days=1)
UNKNOWN = "unknown"


class Activity(NamedTuple):
    """Something by which a user is active: an event that counts, or the beginning of a moderated session.

    session   which event session it belongs to, in whatever way it is told from the user's others; None if moderated
    messages  how many messages it holds
    """

    user_id: str
    at: datetime
    session: object
    messages: int


class Profile(NamedTuple):
    user_id: str
    created_at: datetime
    birth_date: date | None = None
    country_group: str | None = None
    device_type: str | None = None
    acquisition_channel: str | None = None
    acquisition_campaign: str | None = None
    gender: str | None = None


class AgeBand(NamedTuple):
    name: str
    start_age: int
    end_age: int


class UserDay(NamedTuple):
    """A row of fct_user_days."""

    user_id: str
    active_on: date
    is_first_active_day: bool
    days_since_previous_active_day: int | None
    event_count: int
    session_count: int
    message_count: int
    moderated_session_count: int
    moderated_message_count: int
    first_active_at: datetime
    last_active_at: datetime


class EventDay(NamedTuple):
    """A row of int_user_days."""

    user_id: str
    active_on: date
    event_count: int
    session_count: int
    message_count: int
    first_active_at: datetime
    last_active_at: datetime


class ActiveUsers(NamedTuple):
    """A row of agg_active_users."""

    period_grain: str
    period_start: date
    active_users: int
    active_new_users: int
    active_existing_users: int
    active_unknown_users: int
    registrations: int
    new_to_active_rate: float | None
    is_complete: bool


class TrailingUsers(NamedTuple):
    """A row of agg_active_users_trailing."""

    date: date
    dau: int
    active_7d: int
    active_28d: int
    stickiness: float | None
    is_complete: bool


class Lifecycle(NamedTuple):
    """A row of agg_user_lifecycle."""

    period_grain: str
    period_start: date
    new_users: int
    returning_users: int
    resurrected_users: int
    dormant_users: int
    active_users: int
    never_active_users: int
    is_complete: bool


class OfValue(NamedTuple):
    """A row of agg_activity_by_attribute."""

    period_grain: str
    period_start: date
    attribute: str
    value: str
    active_users: int
    active_new_users: int
    new_users: int
    returning_users: int
    resurrected_users: int
    dormant_users: int
    is_complete: bool


# --- the calendar --------------------------------------------------------------------------


@dataclass(frozen=True)
class Calendar:
    """Days, weeks and months as the clocks of a time zone show them."""

    zone: str = "UTC"

    def wall_time(self, moment: datetime) -> datetime:
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    def day(self, moment: datetime) -> date:
        return self.wall_time(moment).date()

    def period(self, grain: str, moment: datetime) -> date:
        """The first day of the period that a moment lies in."""
        return period_of(grain, self.day(moment))

    def is_over(self, grain: str, start: date, moment: datetime) -> bool:
        """Whether the next period has begun by then."""
        return self.wall_time(moment) >= datetime.combine(next_period(grain, start), datetime.min.time())

    def is_told(self, grain: str, start: date, since: datetime, until: datetime) -> bool:
        """Whether it is over by one moment and does not begin before the day of the other."""
        return self.is_over(grain, start, until) and self.day(since) <= start


def period_of(grain: str, day: date) -> date:
    if grain == "week":
        return day - day.weekday() * DAY
    return day.replace(day=1) if grain == "month" else day


def next_period(grain: str, start: date) -> date:
    day = start + DAY
    while period_of(grain, day) == start:
        day += DAY
    return day


def previous_period(grain: str, start: date) -> date:
    return period_of(grain, start - DAY)


def age(born: date, day: date) -> int:
    """In whole years: who is born on 29 February has a birthday on 1 March where there is no such day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


# --- the world -----------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """Who was active when, and who is who."""

    activities: list[Activity]
    profiles: dict[str, Profile]
    as_of: datetime
    calendar: Calendar = field(default_factory=Calendar)
    observed_from: datetime = datetime(1900, 1, 1)

    @cached_property
    def seen(self) -> list[Activity]:
        """What is known by as_of."""
        return [activity for activity in self.activities if activity.at <= self.as_of]

    def is_told(self, grain: str, start: date) -> bool:
        """Whether the feeds tell of all of a period."""
        return self.calendar.is_told(grain, start, self.observed_from, self.as_of)

    @cached_property
    def active(self) -> dict[str, dict[date, set[str]]]:
        """By grain and first day of the period: who was active in it."""
        users: dict[str, dict[date, set[str]]] = {grain: defaultdict(set) for grain in GRAINS}
        for activity in self.seen:
            for grain in GRAINS:
                users[grain][self.calendar.period(grain, activity.at)].add(activity.user_id)
        return users

    def periods(self, grain: str) -> list[date]:
        """From the first activity or registration on to the period of as_of, one after the other."""
        moments = [activity.at for activity in self.activities]
        moments += [profile.created_at for profile in self.profiles.values()]
        start = self.calendar.period(grain, min(moments))
        starts = []
        while start <= self.calendar.period(grain, self.as_of):
            starts.append(start)
            start = next_period(grain, start)
        return starts

    def created_in(self, grain: str, user_id: str) -> date | None:
        """The period in which a user registered."""
        profile = self.profiles.get(user_id)
        return self.calendar.period(grain, profile.created_at) if profile else None

    def was_active_before(self, grain: str, start: date) -> set[str]:
        return set().union(*(users for other, users in self.active[grain].items() if other < start))


class States(NamedTuple):
    """The users of a period, by what they are in it."""

    new: set[str]
    returning: set[str]
    resurrected: set[str]
    dormant: set[str]

    @property
    def active(self) -> set[str]:
        return self.new | self.returning | self.resurrected


def states(world: World, grain: str, start: date) -> States:
    now = world.active[grain].get(start, set())
    just_before = world.active[grain].get(previous_period(grain, start), set())
    ever_before = world.was_active_before(grain, start)
    return States(
        new=now - ever_before,
        returning=now & just_before,
        resurrected=(now & ever_before) - just_before,
        dormant=just_before - now,
    )


def created(world: World, grain: str, start: date, users: Iterable[str]) -> tuple[set[str], set[str], set[str]]:
    """Of users those who registered in the period, before it, and of whom that is not known."""
    when = {user: world.created_in(grain, user) for user in users}
    new = {user for user, period in when.items() if period == start}
    existing = {user for user, period in when.items() if period and period < start}
    return new, existing, set(when) - new - existing


def ratio(numerator: int, denominator: int) -> float | None:
    return numerator / denominator if denominator else None


# --- the tables ----------------------------------------------------------------------------


def event_days(activities: Iterable[Activity], calendar: Calendar) -> list[EventDay]:
    days = defaultdict(list)
    for activity in activities:
        if activity.session is not None:
            days[(activity.user_id, calendar.day(activity.at))].append(activity)
    return [
        EventDay(
            *key,
            event_count=len(of_day),
            session_count=len({activity.session for activity in of_day}),
            message_count=sum(activity.messages for activity in of_day),
            first_active_at=min(activity.at for activity in of_day),
            last_active_at=max(activity.at for activity in of_day),
        )
        for key, of_day in days.items()
    ]


def user_days(world: World) -> list[UserDay]:
    days: dict[str, dict[date, list[Activity]]] = defaultdict(lambda: defaultdict(list))
    for activity in world.activities:
        days[activity.user_id][world.calendar.day(activity.at)].append(activity)
    rows = []
    for user_id, of_user in days.items():
        previous = None
        for day in sorted(of_user):
            events = [activity for activity in of_user[day] if activity.session is not None]
            moderated = [activity for activity in of_user[day] if activity.session is None]
            rows.append(
                UserDay(
                    user_id=user_id,
                    active_on=day,
                    is_first_active_day=previous is None,
                    days_since_previous_active_day=(day - previous).days if previous else None,
                    event_count=len(events),
                    session_count=len({event.session for event in events}),
                    message_count=sum(event.messages for event in events),
                    moderated_session_count=len(moderated),
                    moderated_message_count=sum(session.messages for session in moderated),
                    first_active_at=min(activity.at for activity in of_user[day]),
                    last_active_at=max(activity.at for activity in of_user[day]),
                )
            )
            previous = day
    return rows


def active_users(world: World) -> list[ActiveUsers]:
    rows = []
    for grain in GRAINS:
        for start in world.periods(grain):
            users = world.active[grain].get(start, set())
            new, existing, unknown = created(world, grain, start, users)
            rows.append(
                ActiveUsers(
                    grain,
                    start,
                    len(users),
                    len(new),
                    len(existing),
                    len(unknown),
                    registrations=sum(world.created_in(grain, user) == start for user in world.profiles),
                    new_to_active_rate=ratio(len(new), len(users)),
                    is_complete=world.is_told(grain, start),
                )
            )
    return rows


def trailing_users(world: World) -> list[TrailingUsers]:
    first = min(world.active["day"], default=date.max)
    rows = []
    for day in world.periods("day"):
        in_days = {
            days: len(set().union(*(world.active["day"].get(day - k * DAY, set()) for k in range(days))))
            for days in (1, 7, 28)
        }
        rows.append(
            TrailingUsers(
                day,
                in_days[1],
                in_days[7],
                in_days[28],
                stickiness=ratio(in_days[1], in_days[28]),
                is_complete=day - 27 * DAY >= first and world.is_told("day", day),
            )
        )
    return rows


def lifecycle(world: World) -> list[Lifecycle]:
    rows = []
    for grain in GRAINS:
        for start in world.periods(grain):
            found = states(world, grain, start)
            registered = {user for user in world.profiles if world.created_in(grain, user) <= start}
            rows.append(
                Lifecycle(
                    grain,
                    start,
                    *map(len, found),
                    active_users=len(found.active),
                    never_active_users=len(registered - found.active - world.was_active_before(grain, start)),
                    is_complete=world.is_told(grain, start),
                )
            )
    return rows


def values(profile: Profile | None, last_day: date, bands: list[AgeBand]) -> dict[str, str]:
    """What a profile says by the end of a period, attribute by attribute."""
    names = ["country_group", "device_type", "acquisition_channel", "acquisition_campaign", "gender"]
    if profile is None:
        return dict.fromkeys([*names, "age_band"], UNKNOWN)
    said = {name: getattr(profile, name) or UNKNOWN for name in names}
    years = age(profile.birth_date, last_day) if profile.birth_date else None
    fits = [band.name for band in bands if years is not None and band.start_age <= years < band.end_age]
    return said | {"age_band": fits[0] if fits else UNKNOWN}


def by_attribute(world: World, bands: list[AgeBand]) -> list[OfValue]:
    """For every value that occurs a row in every period."""
    counted, complete = {}, {}
    for grain in GRAINS:
        for start in world.periods(grain):
            complete[(grain, start)] = world.is_told(grain, start)
            last_day = next_period(grain, start) - DAY
            found = states(world, grain, start)
            new, _, _ = created(world, grain, start, found.active)
            groups = [found.active, new, *found]
            for user in found.active | found.dormant:
                for attribute, value in values(world.profiles.get(user), last_day, bands).items():
                    counts = counted.setdefault((grain, start, attribute, value), [0] * len(groups))
                    for number, group in enumerate(groups):
                        counts[number] += user in group
    pairs = {key[2:] for key in counted}
    return [
        OfValue(*period, *pair, *counted.get((*period, *pair), [0] * 6), is_complete=is_complete)
        for period, is_complete in complete.items()
        for pair in pairs
    ]
