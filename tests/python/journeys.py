"""Journeys of users through funnels, as Hypothesis makes them up, and the funnels that are tried on them.

Times are few, so that ties, repeats and the edges of windows come often.
"""

import itertools
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from histories import HALF_HOUR, HEADERS, US, write_file
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from oracle.funnels import Funnel

DAY = timedelta(days=1)
HALF_DAY = timedelta(hours=12)

# Where the feeds end. Events that would come later are not told.
ENDS = {"chat_events": datetime(2021, 6, 15), "onboarding_events": datetime(2021, 6, 15) - HALF_DAY}
STEPS = "abc"
LATE = "d"  # comes in the feed that ends earlier, and in no other
EXCLUDING = "x"
OTHER = "o"


class Told(NamedTuple):
    """An event as a journey tells it: how long after the one before it, in which feed, and its name."""

    wait: timedelta
    feed: str
    event_name: str


class Row(NamedTuple):
    """An event of a journey."""

    feed: str
    event: str
    event_name: str
    event_at: datetime


Journey = tuple[Row, ...]

waits = st.one_of(
    st.sampled_from([timedelta(0), timedelta(0), US, timedelta(minutes=10), HALF_HOUR]),
    st.sampled_from([HALF_DAY - US, HALF_DAY, HALF_DAY + US, DAY - US, DAY, DAY + US, 2 * DAY]),
)
# How long before the end of a feed a journey begins: at the edges of windows, too.
leads = st.sampled_from([k * HALF_DAY + slack for k in (1, 2, 3, 4, 5, 10) for slack in (-US, timedelta(0), US)])
feeds = st.sampled_from(["chat_events", "chat_events", "chat_events", "onboarding_events"])
names = st.sampled_from([*STEPS, *STEPS, *STEPS, LATE, EXCLUDING, OTHER])
journeys = st.builds(
    lambda lead, told: journey(ENDS["chat_events"] - lead, told),
    leads,
    st.lists(st.builds(Told, waits, feeds, names), min_size=1, max_size=9),
)


def journey(start: datetime, told: list[Told]) -> Journey:
    """The events of a journey. Ids are in no order."""
    moments = itertools.accumulate((event.wait for event in told[1:]), initial=start)
    rows = [
        Row(
            "onboarding_events" if event.event_name == LATE else event.feed,
            f"{'0f7a'[number % 4]}{number}",
            event.event_name,
            moment,
        )
        for number, (event, moment) in enumerate(zip(told, moments, strict=True))
    ]
    return tuple(row for row in rows if row.event_at <= ENDS[row.feed])


def draw_journeys(count: int, seed_number: int) -> list[Journey]:
    """The different ones among this many journeys, the same for the same seed."""
    drawn: dict[Journey, None] = {}

    @seed(seed_number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(journeys)
    def collect(one):
        if one:
            drawn[one] = None

    collect()
    return list(drawn)


def write_world(raw_dir: Path, drawn: list[Journey]) -> None:
    """Writes both feeds. One more user marks where each of them ends."""
    clock = tuple(Row(feed, f"end of {feed}", OTHER, moment) for feed, moment in ENDS.items())
    lines = defaultdict(list)
    for number, one in enumerate([*drawn, clock]):
        user = f"user {number}"
        for row in one:
            moment = row.event_at.isoformat(" ", "microseconds")
            if row.feed == "chat_events":
                lines[row.feed].append([f"{row.event}-{number}", user, row.event_name, moment, "", ""])
            else:
                lines[row.feed].append([row.event_name, moment, user, "", ""])
    for feed, rows in lines.items():
        columns = HEADERS[feed][: len(rows[0])]  # what a client or an account is told by, only histories need
        write_file(raw_dir / feed / "events.csv", columns, rows)


# --- funnels -------------------------------------------------------------------------------


def steps_of(text: str) -> tuple[frozenset[str], ...]:
    """The steps that a text names: `a bc` is a, then b or c."""
    return tuple(frozenset(step) for step in text.split())


def funnels() -> list[Funnel]:
    """Every kind with first touch and every touch, with and without exclusions; repeats; steps of several events."""
    found = []
    for kind, is_every_touch in itertools.product(["ordered", "strict", "any_order"], [False, True]):
        texts = ["a b c", "ab c", "a", "a d"]
        if kind != "any_order":
            texts += ["a a b", "a b a", "a b a b", "ab ab c", "ab c ab"]
        for text, excluded, window_days in [
            *((text, "", 1) for text in texts),
            ("a b c", "", 2),
            ("a b c", EXCLUDING, 1),
            ("a b c", EXCLUDING + OTHER, 2),
            ("ab c", EXCLUDING, 2),
        ]:
            found.append(
                Funnel(
                    name=f"{kind}{' every touch' if is_every_touch else ''} {text} not {excluded} {window_days}",
                    steps=steps_of(text),
                    kind=kind,
                    is_every_touch=is_every_touch,
                    window_days=window_days,
                    exclusions=frozenset(excluded),
                )
            )
    return found
