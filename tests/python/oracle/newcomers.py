"""New users: the definitions once more, user by user.

Shares nothing with the SQL it checks. Moments are UTC without a zone; days are those of a time zone.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from oracle.activity import DAY, UNKNOWN, AgeBand, Calendar, Profile, next_period, ratio

WEEK = 7 * DAY


class Event(NamedTuple):
    """An event of the stream, with whether it begins a chat."""

    user_id: str
    at: datetime
    feed: str
    begins_chat: bool


class Engagement(NamedTuple):
    """A row of fct_new_user_engagement."""

    user_id: str
    created_at: datetime
    created_on: date
    first_contact_at: datetime | None
    first_chat_at: datetime | None
    seconds_to_first_chat: float | None
    initiated_within_1d: bool
    initiated_within_7d: bool
    is_complete_1d: bool
    is_complete_7d: bool
    is_non_engaging: bool


class Initiation(NamedTuple):
    """A row of agg_chat_initiation."""

    period_grain: str
    period_start: date
    attribute: str
    value: str
    registrations: int
    eligible_users_1d: int
    initiated_users_1d: int
    initiation_rate_1d: float | None
    eligible_users_7d: int
    initiated_users_7d: int
    initiation_rate_7d: float | None
    non_engaging_users: int
    is_complete_1d: bool
    is_complete_7d: bool


class Stage(NamedTuple):
    """A row of reference.tenure_stages."""

    name: str
    start_week: int
    end_week: int | None


class Behaviour(NamedTuple):
    """A row of agg_behaviour_by_tenure."""

    week_start: date
    tenure_stage: str
    stage_start_week: int
    users: int
    active_users: int
    active_share: float | None
    session_count: int
    message_count: int
    order_count: int
    sessions_per_active_user: float | None
    messages_per_active_user: float | None
    orders_per_active_user: float | None
    is_complete: bool


class Campaign(NamedTuple):
    """A row of agg_campaign_effectiveness."""

    acquisition_channel: str
    acquisition_campaign: str
    registrations: int
    chat_eligible_users: int
    chat_initiated_users: int
    chat_initiation_rate: float | None
    activation_eligible_users: int
    activated_users: int
    activation_rate: float | None
    retention_eligible_users: int
    retained_users: int
    retention_rate: float | None
    order_eligible_users: int
    ordering_users: int
    ordering_rate: float | None
    orders: int
    orders_per_user: float | None


def engagement(
    profiles: Iterable[Profile],
    events: Iterable[Event],
    observed_from: datetime,
    as_of: datetime,
    calendar: Calendar,
) -> list[Engagement]:
    by_user = defaultdict(list)
    for event in events:
        if event.at <= as_of:
            by_user[event.user_id].append(event)
    rows = []
    for profile in profiles:
        since = profile.created_at
        own = [event for event in by_user[profile.user_id] if event.at >= since]
        contacts = [event.at for event in own if event.feed == "chat_events"]
        chats = [event.at for event in own if event.begins_chat]
        first = min(chats, default=None)
        soon = [any(since <= at < since + days * DAY for at in chats) for days in (1, 7)]
        over = [observed_from <= since and since + days * DAY <= as_of for days in (1, 7)]
        rows.append(
            Engagement(
                profile.user_id,
                since,
                calendar.day(since),
                min(contacts, default=None),
                first,
                (first - since) / timedelta(seconds=1) if first else None,
                *soon,
                *over,
                is_non_engaging=over[1] and not soon[1],
            )
        )
    return rows


def values_of(profile: Profile, born_on_day: date, bands: list[AgeBand]) -> dict[str, str]:
    """What a profile says, and in which band of ages the user was on a day."""
    said = {
        name: getattr(profile, name) or UNKNOWN
        for name in ("country_group", "device_type", "acquisition_channel", "acquisition_campaign", "gender")
    }
    band = UNKNOWN
    if profile.birth_date:
        had_birthday = (born_on_day.month, born_on_day.day) >= (profile.birth_date.month, profile.birth_date.day)
        age = born_on_day.year - profile.birth_date.year - (not had_birthday)
        band = next((one.name for one in bands if one.start_age <= age < one.end_age), UNKNOWN)
    return {"all": "all", **said, "age_band": band}


def initiation(
    rows: list[Engagement],
    profiles: dict[str, Profile],
    bands: list[AgeBand],
    periods: list[tuple[str, date, bool]],
    calendar: Calendar,
) -> list[Initiation]:
    """`periods` are all that there are: grain, first day, whether the feeds tell of all of it."""
    said = {row.user_id: values_of(profiles[row.user_id], row.created_on, bands) for row in rows}
    pairs = sorted({pair for values in said.values() for pair in values.items()})
    members = defaultdict(list)
    for row in rows:
        for grain in ("day", "week", "month"):
            for pair in said[row.user_id].items():
                members[(grain, calendar.period(grain, row.created_at), *pair)].append(row)
    found = []
    for grain, start, is_told in periods:
        for pair in pairs:
            own = members[(grain, start, *pair)]
            able_1d = [row for row in own if row.is_complete_1d]
            able_7d = [row for row in own if row.is_complete_7d]
            came_1d = [row for row in able_1d if row.initiated_within_1d]
            came_7d = [row for row in able_7d if row.initiated_within_7d]
            found.append(
                Initiation(
                    grain,
                    start,
                    *pair,
                    len(own),
                    len(able_1d),
                    len(came_1d),
                    ratio(len(came_1d), len(able_1d)),
                    len(able_7d),
                    len(came_7d),
                    ratio(len(came_7d), len(able_7d)),
                    len(able_7d) - len(came_7d),
                    is_complete_1d=is_told and len(able_1d) == len(own),
                    is_complete_7d=is_told and len(able_7d) == len(own),
                )
            )
    return found


def behaviour(
    profiles: Iterable[Profile],
    stages: list[Stage],
    weeks: list[tuple[date, bool]],
    week_of: Callable[[datetime], date],
    active: list[tuple[str, datetime]],
    sessions: list[tuple[str, datetime]],
    messages: list[tuple[str, datetime, int]],
    orders: list[tuple[str, datetime]],
) -> list[Behaviour]:
    registered = {profile.user_id: week_of(profile.created_at) for profile in profiles}

    def stage_of(user: str, week: date) -> str | None:
        if user not in registered:
            return None
        passed = (week - registered[user]) // WEEK
        return next(
            (s.name for s in stages if passed >= s.start_week and (s.end_week is None or passed < s.end_week)), None
        )

    users, actives = defaultdict(int), defaultdict(set)
    counts = {what: defaultdict(int) for what in ("sessions", "messages", "orders")}
    for week, _ in weeks:
        for user in registered:
            users[(week, stage_of(user, week))] += 1
    for user, at in active:
        actives[(week_of(at), stage_of(user, week_of(at)))].add(user)
    for what, told in (("sessions", sessions), ("messages", messages), ("orders", orders)):
        for user, at, *number in told:
            counts[what][(week_of(at), stage_of(user, week_of(at)))] += number[0] if number else 1
    return [
        Behaviour(
            week,
            stage.name,
            stage.start_week,
            users[cell],
            here,
            ratio(here, users[cell]),
            *done,
            *(ratio(number, here) for number in done),
            is_told,
        )
        for week, is_told in weeks
        for stage in stages
        for cell in [(week, stage.name)]
        for here in [len(actives[cell])]
        for done in [[counts[what][cell] for what in ("sessions", "messages", "orders")]]
    ]


def campaigns(
    rows: list[Engagement],
    profiles: dict[str, Profile],
    accounts: dict[str, list[tuple[bool, bool]]],
    active: dict[str, list[datetime]],
    orders: dict[str, list[datetime]],
    calendar: Calendar,
    known: dict[str, tuple[datetime, datetime]],
) -> list[Campaign]:
    """`known` of each subject: from when on and up to when.

    `accounts` of each user: whether the time for activation is over, and whether it was activated in time.
    """
    groups = defaultdict(list)
    for row in rows:
        profile = profiles[row.user_id]
        channel = profile.acquisition_channel or UNKNOWN
        for campaign in (profile.acquisition_campaign or UNKNOWN, "all"):
            groups[(channel, campaign)].append(row)
    found = []
    for (channel, campaign), own in groups.items():
        chat = [row.initiated_within_7d for row in own if row.is_complete_7d]
        activated = [
            any(is_over and was for is_over, was in accounts.get(row.user_id, ()))
            for row in own
            if any(is_over for is_over, _ in accounts.get(row.user_id, ()))
        ]
        retained = []
        for row in own:
            week = calendar.period("week", row.created_at)
            for _ in range(4):
                week = next_period("week", week)
            if calendar.is_told("week", week, *known["activity"]):
                moments = [at for at in active.get(row.user_id, ()) if at >= row.created_at]
                retained.append(any(calendar.period("week", at) == week for at in moments))
        ordered = [
            sum(row.created_at <= at < row.created_at + 28 * DAY for at in orders.get(row.user_id, ()))
            for row in own
            if known["orders"][0] <= row.created_at and row.created_at + 28 * DAY <= known["orders"][1]
        ]
        buyers = sum(number > 0 for number in ordered)
        found.append(
            Campaign(
                channel,
                campaign,
                len(own),
                len(chat),
                sum(chat),
                ratio(sum(chat), len(chat)),
                len(activated),
                sum(activated),
                ratio(sum(activated), len(activated)),
                len(retained),
                sum(retained),
                ratio(sum(retained), len(retained)),
                len(ordered),
                buyers,
                ratio(buyers, len(ordered)),
                sum(ordered),
                ratio(sum(ordered), len(ordered)),
            )
        )
    return found
