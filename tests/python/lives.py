"""Lives of users, as Hypothesis makes them up: when they registered, and when they were active.

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
}


class Deed(NamedTuple):
    """What a user did, and when: an event, or `moderated` for the beginning of a moderated session."""

    at: datetime
    what: str


class Life(NamedTuple):
    """What is told of a user. Without a registration there is no profile."""

    created_at: datetime | None
    deeds: tuple[Deed, ...]
    gender: str | None
    birth_date: str | None


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
    st.sampled_from([29 * DAY, 30 * DAY, 31 * DAY, 35 * DAY, 59 * DAY, 62 * DAY]),
)
deeds = st.sampled_from(["app_open", "app_open", "chat_message_sent", "moderated", "greeting_shown"])
# How long after the first deed the registration was: often at it, sometimes later, mostly before.
leads = st.one_of(
    st.none(),
    st.sampled_from([timedelta(0), US, -US, HOUR, -HOUR, DAY, -DAY, 7 * DAY, -7 * DAY, -31 * DAY, 62 * DAY]),
)
genders = st.sampled_from([None, "female", "male"])
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
    )


def life(start: datetime, told: list, lead: timedelta | None, gender: str | None, birth: str | None) -> Life:
    done, at = [], start
    for number, (wait, what) in enumerate(told):
        at = at + wait if number else start
        done.append(Deed(at, what))
    known = tuple(deed for deed in done if deed.at <= END)
    is_registered = lead is not None and start + lead <= END
    return Life(start + lead if is_registered else None, known, gender, birth)


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
        if one.created_at or one.deeds:
            drawn[one] = None

    collect()
    return list(drawn)


def user_id(number: int) -> str:
    return f"user {number}"


def write_lives(raw_dir: Path, drawn: list[Life]) -> None:
    """Writes the feeds. One more event marks the end of what is known: of nobody's activity."""
    raw_dir.mkdir(parents=True)
    events = [["end", "clock", "greeting_shown", END, "", ""]]
    sessions, users = [], []
    for number, one in enumerate(drawn):
        user = user_id(number)
        for place, deed in enumerate(one.deeds):
            name = f"{place}-{number}"
            if deed.what == "moderated":
                sessions.append([user, name, deed.at, 10, place, 5, 0])
            else:
                events.append([name, user, deed.what, deed.at, "", ""])
        if one.created_at:
            users.append([user, one.created_at, one.gender, one.birth_date, "", "", "", "", "", "", one.created_at])
    for feed, lines in (("chat_events", events), ("user_activity", sessions), ("users", users)):
        write_csv(raw_dir / f"{feed}.csv", HEADERS[feed], lines)


def write_csv(path: Path, header: list[str], lines: Iterable[list]) -> None:
    with path.open("x", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *lines])
