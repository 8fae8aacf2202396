"""Lives of users, as Hypothesis makes them up: when they registered, were active and ordered, and their points.

Moments lie at the turns of days, weeks and months of a time zone and just beside them, where its clocks are set back or
forward, and at whole days after one another and a microsecond off.
"""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from histories import US
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

# When what is known ends: by the day's clock in the middle of a day, week and month.
END = datetime(2025, 3, 19, 12)

HEADERS = {
    "chat_events": ["event_id", "user_id", "event_name", "event_at", "device_type", "loaded_at"],
    "user_activity": [
        "user_id",
        "session_id",
        "timestamp",
        "session_length",
        "messages_sent",
        "feedback_rating",
        "resources_clicked",
    ],
    "users": [
        "user_id",
        "created_at",
        "gender",
        "birth_date",
        "income_band",
        "acquisition_channel",
        "acquisition_campaign",
        "country_group",
        "device_type",
        "user_level",
        "updated_at",
    ],
    "orders": ["order_id", "user_id", "ordered_at", "order_value"],
    "point_transactions": ["transaction_id", "user_id", "transaction_at", "transaction_type", "points"],
}


class Deed(NamedTuple):
    """What a user did, and when: an event, or `moderated` for the beginning of a moderated session."""

    at: datetime
    what: str


class Movement(NamedTuple):
    """A movement of points."""

    at: datetime
    kind: str
    points: int


class Life(NamedTuple):
    """What is told of a user. Without a registration there is no profile."""

    created_at: datetime | None
    deeds: tuple[Deed, ...]
    gender: str | None
    birth_date: str | None
    channel: str | None
    orders: tuple[datetime, ...]
    points: tuple[Movement, ...]


# The first moments of days, by the clock of the zone: of weeks, months and years, of the days on which clocks are set
# forward (9 March) and of those after them, and of the last days that are known.
TURNS = [
    datetime(2024, 12, 30),
    datetime(2025, 1, 1),
    datetime(2025, 2, 1),
    datetime(2025, 2, 24),
    datetime(2025, 3, 1),
    datetime(2025, 3, 3),
    datetime(2025, 3, 9),
    datetime(2025, 3, 10),
    datetime(2025, 3, 17),
    datetime(2025, 3, 19),
    # Clocks were set back on 3 November: that day has 25 hours.
    datetime(2024, 10, 28),
    datetime(2024, 11, 3),
    datetime(2024, 11, 4),
]
beside = st.sampled_from([-DAY, -HOUR, -US, timedelta(0), timedelta(0), US, HOUR, 12 * HOUR, 23 * HOUR])
waits = st.one_of(
    st.sampled_from([timedelta(0), US, HOUR, 23 * HOUR, DAY - US, DAY, DAY + US, 25 * HOUR, 2 * DAY]),
    st.sampled_from([6 * DAY, 7 * DAY - US, 7 * DAY, 7 * DAY + US, 8 * DAY, 13 * DAY, 14 * DAY, 27 * DAY, 28 * DAY]),
    st.sampled_from([29 * DAY, 30 * DAY, 31 * DAY, 35 * DAY, 59 * DAY, 62 * DAY, 84 * DAY, 85 * DAY, 113 * DAY]),
)
deeds = st.sampled_from(["app_open", "app_open", "chat_message_sent", "moderated", "greeting_shown"])
# How long after the first deed the registration was: often at it, sometimes later, mostly before.
leads = st.one_of(
    st.none(),
    st.sampled_from([timedelta(0), US, -US, HOUR, -HOUR, DAY, -DAY, 7 * DAY, -7 * DAY, -31 * DAY, 62 * DAY]),
    st.sampled_from([US - DAY, -US - DAY, US - 7 * DAY, -US - 7 * DAY]),
)
genders = st.sampled_from([None, "female", "male"])
channels = st.sampled_from([None, "search", "social"])
# How long after the registration an order was, or after the first deed where there is no registration.
orders = st.sampled_from([-US, timedelta(0), US, DAY, 7 * DAY, 28 * DAY - US, 28 * DAY, 28 * DAY + US])
# The wait before a movement of points; the kind of each with what it moves.
movements = st.tuples(
    st.sampled_from([timedelta(0), timedelta(0), US, HOUR, DAY, 7 * DAY, 31 * DAY]),
    st.sampled_from(
        [("accrue", 10), ("accrue", 1), ("redeem", 10), ("redeem", 11), ("expire", 1), ("adjust", -1), ("adjust", 3)]
    ),
)
births = st.sampled_from([None, "1990-01-01", "2007-03-01", "2007-02-28", "2000-02-29", "1907-03-10"])


def utc(wall_time: datetime, zone: str) -> datetime:
    """The moment at which the clocks of a zone first show a time."""
    return wall_time.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)


def lives(zone: str) -> st.SearchStrategy[Life]:
    """A life: the first deed at some turn of the zone's days, each next one after a wait."""
    return st.builds(
        lambda turn, slack, *told: life(utc(turn, zone) + slack, *told),
        st.sampled_from(TURNS),
        beside,
        st.lists(st.tuples(waits, deeds), max_size=7),
        leads,
        genders,
        births,
        channels,
        st.lists(orders, max_size=3),
        st.lists(movements, max_size=5),
    )


def life(
    start: datetime,
    told: list,
    lead: timedelta | None,
    gender: str | None,
    birth: str | None,
    channel: str | None,
    ordered: list,
    moved: list,
) -> Life:
    done, at = [], start
    for number, (wait, what) in enumerate(told):
        at = at + wait if number else start
        done.append(Deed(at, what))
    known = tuple(deed for deed in done if deed.at <= END)
    created_at = start + lead if lead is not None and start + lead <= END else None
    ledger, at = [], start
    for wait, (kind, points) in moved:
        at = at + wait
        ledger.append(Movement(at, kind, points))
    return Life(
        created_at,
        known,
        gender,
        birth,
        channel,
        tuple(at for at in ((created_at or start) + later for later in ordered) if at <= END),
        tuple(one for one in ledger if one.at <= END),
    )


def draw_lives(zone: str, count: int, seed_number: int) -> list[Life]:
    """The different ones among this many lives, the same for the same seed."""
    drawn: dict[Life, None] = {}

    @seed(seed_number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(lives(zone))
    def collect(one):
        if one.created_at or one.deeds or one.orders or one.points:
            drawn[one] = None

    collect()
    return list(drawn)


def user_id(number: int) -> str:
    return f"user {number}"


def write_lives(raw_dir: Path, drawn: list[Life]) -> None:
    """Writes the feeds. One more event marks the end of what is known: of nobody's activity."""
    raw_dir.mkdir(parents=True)
    events = [["end", "clock", "greeting_shown", END, "", ""]]
    sessions, users, orders, points = [], [], [], []
    for number, one in enumerate(drawn):
        user = user_id(number)
        for place, deed in enumerate(one.deeds):
            name = f"{place}-{number}"
            if deed.what == "moderated":
                sessions.append([user, name, deed.at, 10, place, 5, 0])
            else:
                events.append([name, user, deed.what, deed.at, "", ""])
        if one.created_at:
            told = [one.gender, one.birth_date, "", one.channel]
            users.append([user, one.created_at, *told, "", "", "", "", one.created_at])
        orders += [[f"{place}-{number}", user, at, place] for place, at in enumerate(one.orders)]
        points += [[f"{place}-{number}", user, *movement] for place, movement in enumerate(one.points)]
    feeds = {
        "chat_events": events,
        "user_activity": sessions,
        "users": users,
        "orders": orders,
        "point_transactions": points,
    }
    for feed, lines in feeds.items():
        write_csv(raw_dir / f"{feed}.csv", HEADERS[feed], lines)


def write_csv(path: Path, header: list[str], lines: Iterable[list]) -> None:
    with path.open("x", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *lines])
