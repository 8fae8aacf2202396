"""Write the sample world: made-up raw feeds that look like a real product.

    python scripts/generate_sample.py                  # refreshes data/sample
    python scripts/generate_sample.py --scale 100 --out /tmp/big

How it is put together
    1. `make_world` draws people (when they signed up and left, how active they are,
       when they like to chat, what they like to read) and their visits.
    2. Each feed is one function in `FEEDS` that tells the world as rows of text.
    3. `plant` puts the few bad rows of `PLANTED_DEFECTS` and the legal but surprising
       values of `PLANTED_QUIRKS` among them.

To add a feed, write one more such function and register it in `FEEDS`. Everything
random comes from a `Stream` found by name, so a new feed (or a new column in an old
one) leaves every other value as it was. The same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Chunk = Mapping[str, Sequence[str]]  # column name -> values, as written to the file

# ------------------------------------------------------------------------ size and time

DEFAULT_SEED = 20250101
DEFAULT_OUT = Path(__file__).resolve().parent.parent / "data" / "sample"

USERS = 900  # people at scale 1
SESSIONS = 3_000  # expected chat sessions at scale 1
RECOMMENDATIONS = 1_200  # expected recommendations at scale 1
MODERATORS = 40  # moderators at scale 1

FIRST_DAY = dt.date(2025, 1, 1)
DAYS = 365  # days in the world's year
DAY_US = 86_400_000_000  # microseconds in a day
MINUTE_US = 60_000_000  # microseconds in a minute
YEAR_START_US = (FIRST_DAY - dt.date(1970, 1, 1)).days * DAY_US
YEAR_END_US = YEAR_START_US + DAYS * DAY_US

CHUNK_ROWS = 50_000  # rows turned into text at a time

# -------------------------------------------------------------- people coming and going

EXISTING_SHARE = 0.22  # people who were there before the year began
EXISTING_SPAN_DAYS = 540  # ... and had signed up over so many days before it
SIGNUP_GROWTH = 2.2  # sign-ups a day in December over those in January
TRIER_SHARE = 0.30  # newcomers who only try the product
TRIER_LIFETIME_DAYS = 5.0  # mean of their exponential lifetime, after the first day
STAYER_LIFETIME_DAYS = 380.0  # the same for everybody else
NEVER_CHATS_SHARE = 0.07  # people who sign up and never chat
FIRST_DAY_CHAT_SHARE = 0.60  # newcomers who chat right after signing up
FIRST_CHAT_DELAY_MEDIAN_MIN = 12.0  # minutes from sign-up to that first chat
FIRST_CHAT_DELAY_SIGMA = 1.3  # log-normal spread of that delay

# --------------------------------------------------------------------- rhythm of visits

ACTIVITY_SIGMA = 1.05  # log-normal spread of visits a day between people (skewed)
NOVELTY_BOOST = 2.5  # extra visiting right after sign-up (1 = twice as much) ...
NOVELTY_DAYS = 12.0  # ... which fades with this time constant
WEEKDAY_WEIGHTS = (1.08, 1.15, 1.13, 1.08, 0.96, 0.74, 0.86)  # Monday ... Sunday
WEEKEND_AFFINITY_SIGMA = 0.5  # log-normal spread of personal liking of weekends
AUGUST_DIP = (dt.date(2025, 8, 13), 12.0, 0.40)  # middle, sd in days, share lost there
CHRISTMAS_DIP = (dt.date(2025, 12, 26), 5.0, 0.60)
# Visits by hour of the day, UTC: quiet night, small lunch peak, large evening peak.
HOUR_WEIGHTS = (
    *(1.2, 0.7, 0.4, 0.3, 0.3, 0.5, 1.0, 2.0, 3.0, 3.4, 3.4, 3.8),
    *(4.6, 4.2, 3.6, 3.6, 4.0, 5.0, 6.6, 8.2, 9.0, 8.0, 5.2, 2.6),
)
OWN_HOUR_SHARE = 0.70  # visits near the person's preferred hour, the rest at any
OWN_HOUR_SPREAD = 1.3  # hours, standard deviation around it

# ------------------------------------------------------------------- what is in a visit

LENGTH_MEDIAN_MIN = 48.0  # minutes
LENGTH_PERSON_SIGMA = 0.35  # log-normal spread between people
LENGTH_VISIT_SIGMA = 0.50  # log-normal spread between visits of one person
LENGTH_RANGE_MIN = (2, 240)  # minutes; the product closes a chat after four hours
EVENING_LENGTH_BONUS = 0.12  # longer from 18:00 to 23:00, as a log factor
BOUNCE_SHARE = 0.012  # visits left at once: length 0, nothing sent

MESSAGES_PER_MINUTE = 0.45
MESSAGES_SIGMA = 0.35  # log-normal spread

RATING_RANGE = (1, 6)
RATING_MEAN = 3.7  # before rounding and clipping
RATING_PER_LENGTH = 0.50  # points for a length e times the median
RATING_PER_GENEROSITY = 0.50  # points for a person one sd more generous
RATING_NOISE = 1.10  # points, sd

CLICKS_WITHOUT_RECOMMENDATIONS = 0.8  # mean clicks in a visit of median length
CLICKS_WITH_RECOMMENDATIONS = 1.0  # the same for someone with recommendations ...
CLICKS_PER_TASTE = 2.0  # ... plus this for someone who likes one type only
CLICKS_LENGTH_EXPONENT = 0.4  # clicks grow with length to this power
CLICKS_PER_CLICKINESS = 0.35  # log factor for a person one sd more curious

# ---------------------------------------------------------------------- recommendations

TYPES = ("Blog", "Podcast", "Video")
TYPE_POPULARITY = (0.26, 0.34, 0.40)  # mean taste for each of `TYPES`
TASTE_SIGMA = 1.0  # how much taste differs between people (log-normal)
HAS_RECOMMENDATIONS_SHARE = 0.60  # people given any
COUNT_ACTIVITY_EXPONENT = 0.4  # more active people are given more of them
MATCHED_SHARE = 0.70  # recommendations picked by taste, the rest at random
CTR_LOGIT_MEAN = -0.45  # logit of the click-through rate at average taste
CTR_PER_TASTE = 2.2  # logit for a share of taste of 1 over average
CTR_PER_CLICKINESS = 0.45  # logit for a person one sd more curious
CTR_NOISE = 0.60  # logit, sd
CTR_MISSING_SHARE = 0.02  # not measured yet: empty
SCORE_MEAN = 3.2  # feedback 1-5, before rounding and clipping
SCORE_PER_CTR = 2.2  # points for a click-through rate higher by 1
SCORE_PER_GENEROSITY = 0.35  # points for a person one sd more generous
SCORE_NOISE = 1.00  # points, sd
SCORE_MISSING_SHARE = 0.04  # no feedback given: empty

# --------------------------------------------------------------------------- moderators

MODERATOR_LOAD_SIGMA = 0.70  # log-normal spread of sessions: part and full time
RESPONSE_MEDIAN_S = 9.5  # seconds, at the mean load
RESPONSE_LOAD_EXPONENT = 0.25  # a busy moderator answers later
RESPONSE_SIGMA = 0.42  # log-normal spread
SATISFACTION_MEAN = 3.4  # 1-5, at the median response time
SATISFACTION_PER_RESPONSE = -0.8  # points for answering e times later
SATISFACTION_NOISE = 0.75  # points, sd

# ------------------------------------------------------------------- spelling of values

# How timestamps are written: offset from UTC in hours (None: plain UTC without a
# zone, a blank between date and time), suffix, share of rows.
TIMESTAMP_STYLES: tuple[tuple[int | None, str, float], ...] = (
    (None, "", 0.96),
    (0, "Z", 0.02),
    (2, "+02:00", 0.02),
)

# ------------------------------------------------------------------ rows bad on purpose


@dataclass(frozen=True)
class Defect:
    """A bad row added to a feed: a changed copy of a good row, with its own key.

    `reasons` is what the warehouse must say about it; none means an exact duplicate.
    `edits` gives raw CSV text by column, quotes included.
    """

    feed: str
    kind: str
    before_row: int  # good row (from 0) in front of which it stands
    why: str
    reasons: tuple[str, ...] = ()
    edits: Mapping[str, str] = field(default_factory=dict)
    copy_of: int | None = None  # good row it copies; None: the one behind it
    same_key: bool = False
    keep_fields: int | None = None  # write only so many of its fields

    @property
    def outcome(self) -> str:
        return "rejected" if self.reasons else "duplicate"


@dataclass(frozen=True)
class Quirk:
    """A legal but surprising value in a good row; `{}` stands for what was there."""

    feed: str
    kind: str
    row: int
    why: str
    edits: Mapping[str, str]


PLANTED_DEFECTS: tuple[Defect, ...] = (
    Defect(
        feed="user_activity",
        kind="spreadsheet_timestamp",
        before_row=120,
        why="a spreadsheet kept only minutes and seconds",
        reasons=("timestamp: timestamp_unparseable",),
        edits={"timestamp": "47:44.6"},
    ),
    Defect(
        feed="user_activity",
        kind="empty_user_id",
        before_row=345,
        why="a session nobody can be found for",
        reasons=("user_id: empty",),
        edits={"user_id": ""},
    ),
    Defect(
        feed="user_activity",
        kind="decimal_comma",
        before_row=610,
        why="a decimal comma, well quoted, and still no number",
        reasons=("session_length: not_a_number",),
        edits={"session_length": '"1,5"'},
    ),
    Defect(
        feed="user_activity",
        kind="conflicting_duplicate",
        before_row=880,
        copy_of=1420,
        same_key=True,
        why="the same session told otherwise; the later row in the file wins",
        reasons=("conflicting_duplicate",),
        edits={"messages_sent": "111", "resources_clicked": "11"},
    ),
    Defect(
        feed="user_activity",
        kind="rating_out_of_range",
        before_row=1015,
        why="ratings end at 6",
        reasons=("feedback_rating: out_of_range",),
        edits={"feedback_rating": "7"},
    ),
    Defect(
        feed="user_activity",
        kind="fractional_count",
        before_row=1290,
        why="nobody sends half a message",
        reasons=("messages_sent: not_whole",),
        edits={"messages_sent": "12.5"},
    ),
    Defect(
        feed="user_activity",
        kind="exact_duplicate",
        before_row=1733,
        copy_of=702,
        same_key=True,
        why="a row delivered twice, far apart; it counts once",
    ),
    Defect(
        feed="user_activity",
        kind="too_few_fields",
        before_row=1977,
        keep_fields=4,
        why="a line cut off in the middle",
        reasons=("too_few_fields",),
    ),
    Defect(
        feed="user_activity",
        kind="too_many_fields",
        before_row=2204,
        why="a decimal comma without quotes, which shifts everything behind it",
        reasons=("too_many_fields",),
        edits={"session_length": "63,5"},
    ),
    Defect(
        feed="user_activity",
        kind="future_timestamp",
        before_row=2436,
        why="one such row must not move the data's own `now`",
        reasons=("timestamp: timestamp_out_of_range",),
        edits={"timestamp": "2999-12-31 23:59:59.000000"},
    ),
    Defect(
        feed="user_activity",
        kind="two_reasons_at_once",
        before_row=2681,
        why="every reason is named, not only the first",
        reasons=("session_length: out_of_range", "messages_sent: empty"),
        edits={"session_length": "-5", "messages_sent": ""},
    ),
    Defect(
        feed="recommendations",
        kind="ctr_above_one",
        before_row=260,
        why="more clicks than views",
        reasons=("click_through_rate: out_of_range",),
        edits={"click_through_rate": "1.2"},
    ),
    Defect(
        feed="recommendations",
        kind="not_a_number",
        before_row=555,
        why="`NaN` casts to a double without complaint and spoils every mean",
        reasons=("feedback_score: not_a_number",),
        edits={"feedback_score": "NaN"},
    ),
    Defect(
        feed="recommendations",
        kind="exact_duplicate",
        before_row=1040,
        copy_of=431,
        same_key=True,
        why="a row delivered twice, far apart; it counts once",
    ),
    Defect(
        feed="moderator_performance",
        kind="negative_response_time",
        before_row=23,
        why="-1 was meant as `unknown`",
        reasons=("avg_response_time: out_of_range",),
        edits={"avg_response_time": "-1"},
    ),
)

PLANTED_QUIRKS: tuple[Quirk, ...] = (
    Quirk(
        feed="user_activity",
        kind="blanks_around_values",
        row=77,
        why="blanks are trimmed, also around an id",
        edits={"user_id": " {} ", "session_length": "  {}", "feedback_rating": "{} "},
    ),
    Quirk(
        feed="user_activity",
        kind="explicit_plus_sign",
        row=1150,
        why="a sign is part of a number",
        edits={"messages_sent": "+{}"},
    ),
    Quirk(
        feed="user_activity",
        kind="whole_day_session",
        row=2050,
        why="a chat left open all day, the longest allowed: an outlier, not an error",
        edits={"session_length": "1440"},
    ),
    Quirk(
        feed="recommendations",
        kind="blanks_around_values",
        row=88,
        why="blanks are trimmed, so this is no fourth type",
        edits={"recommendation_type": " {} ", "click_through_rate": " {}"},
    ),
    Quirk(
        feed="recommendations",
        kind="perfect_ctr",
        row=640,
        why="the upper end is inside the range",
        edits={"click_through_rate": "1"},
    ),
)

# --------------------------------------------------------------------------- randomness


class Stream:
    """Random numbers found by seed and name, independent of every other name's.

    It draws raw bits and turns them into distributions itself: of numpy, the raw bits
    are what stays the same between releases.
    """

    def __init__(self, seed: int, *path: str) -> None:
        self._seed = seed
        self._path = path
        words = [word for name in path for word in self._words(name)]
        sequence = np.random.SeedSequence(seed, spawn_key=words)
        self._source = np.random.PCG64(sequence)
        self._children: dict[str, Stream] = {}

    @staticmethod
    def _words(name: str) -> list[int]:
        digest = hashlib.sha256(name.encode()).digest()
        return [int.from_bytes(digest[i : i + 4], "big") for i in range(0, 16, 4)]

    def child(self, name: str) -> Stream:
        """The stream of that name; asked for again, it goes on where it was."""
        if name not in self._children:
            self._children[name] = Stream(self._seed, *self._path, name)
        return self._children[name]

    def bits(self, n: int) -> NDArray[np.uint64]:
        return self._source.random_raw(n)

    def uniform(self, n: int) -> Floats:
        """n numbers in [0, 1)."""
        return (self.bits(n) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def happens(self, share: float, n: int) -> Bools:
        return self.uniform(n) < share

    def normal(self, n: int) -> Floats:
        """Standard normal numbers (Box-Muller)."""
        pairs = self.uniform(2 * n).reshape(n, 2)
        radius = np.sqrt(-2.0 * np.log(1.0 - pairs[:, 0]))
        normal: Floats = radius * np.cos(2.0 * math.pi * pairs[:, 1])
        return normal

    def exponential(self, mean: Floats) -> Floats:
        return -np.log(1.0 - self.uniform(len(mean))) * mean

    def poisson(self, mean: Floats) -> Ints:
        """Counts for small means, by inverting the distribution function."""
        target = self.uniform(len(mean))
        count = np.zeros(len(mean), dtype=np.int64)
        term = np.exp(-mean)
        reached = term.copy()
        for k in range(1, 200):
            above = target > reached
            if not above.any():
                break
            count += above
            term = term * mean / k
            reached += term
        return count

    def pick(self, weights: Sequence[float] | Floats, n: int) -> Ints:
        """n indices into `weights`, in proportion to them."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        found = np.searchsorted(edges, self.uniform(n) * edges[-1], side="right")
        picked: Ints = np.minimum(found, len(edges) - 1).astype(np.int64)
        return picked

    def uuids(self, n: int) -> list[str]:
        """n texts shaped like a random (version 4) UUID."""
        high, low = self.bits(2 * n).reshape(n, 2).T
        words = np.empty((n, 2), dtype=">u8")
        words[:, 0] = high & np.uint64(0xFFFFFFFFFFFF0FFF) | np.uint64(0x4000)
        words[:, 1] = low & np.uint64(0x3FFFFFFFFFFFFFFF) | np.uint64(1 << 63)
        text = words.tobytes().hex()
        return [
            f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
            for h in (text[i : i + 32] for i in range(0, 32 * n, 32))
        ]


# -------------------------------------------------------------------------------- world


@dataclass(frozen=True)
class Users:
    """The people, one array element each, in order of signing up.

    Times are microseconds since 1970, UTC. Traits without a unit are standard normal.
    """

    user_id: NDArray[np.object_]
    signed_up_at: Ints
    left_at: Ints  # may lie after the year's end
    chats: Bools  # false: never chats
    activity: Floats  # relative number of visits a day
    own_hour: Floats  # preferred hour of the day, 0-24
    weekend_affinity: Floats  # factor on weekend visits
    depth: Floats  # likes long sessions
    generosity: Floats  # gives high ratings
    clickiness: Floats  # opens what it is shown
    taste: Floats  # (person, type): shares that sum to 1
    recommendation_count: Ints

    def __len__(self) -> int:
        return len(self.user_id)


@dataclass(frozen=True)
class Visits:
    """Chat sessions in order of time; nobody is in two of them at once."""

    user: Ints  # index into Users
    started_at: Ints  # microseconds since 1970, UTC
    minutes: Ints

    def __len__(self) -> int:
        return len(self.user)

    def part(self, rows: slice | Bools | Ints) -> Visits:
        return Visits(self.user[rows], self.started_at[rows], self.minutes[rows])


@dataclass(frozen=True)
class World:
    """What happened. Feeds tell of it and never change it."""

    seed: int
    scale: float
    users: Users
    visits: Visits


def make_world(seed: int = DEFAULT_SEED, scale: float = 1.0) -> World:
    stream = Stream(seed, "world")
    users = make_users(stream.child("users"), scale)
    return World(seed, scale, users, make_visits(stream.child("visits"), users, scale))


def scaled(number: int, scale: float) -> int:
    return max(1, round(number * scale))


def seasonal_factor() -> Floats:
    """Share of normal traffic on each day of the year."""
    day = np.arange(DAYS)
    factor = np.ones(DAYS)
    for middle, sd, depth in (AUGUST_DIP, CHRISTMAS_DIP):
        distance = np.abs(day - (middle - FIRST_DAY).days)
        distance = np.minimum(distance, DAYS - distance)  # Christmas reaches January
        factor *= 1.0 - depth * np.exp(-0.5 * (distance / sd) ** 2)
    return factor


def weekdays() -> Ints:
    """0 (Monday) to 6 for each day of the year."""
    days: Ints = (np.arange(DAYS) + FIRST_DAY.weekday()) % 7
    return days


def day_factor() -> Floats:
    """Weekly times seasonal shape for each day of the year."""
    return np.asarray(WEEKDAY_WEIGHTS)[weekdays()] * seasonal_factor()


def any_hour(stream: Stream, n: int) -> Floats:
    """Hours of the day as `HOUR_WEIGHTS` has them."""
    return stream.child("hour").pick(HOUR_WEIGHTS, n) + stream.child("part").uniform(n)


def time_of_day_us(stream: Stream, hours: Floats) -> Ints:
    """Microseconds since midnight: the hours' whole second and a random fraction.

    Hours wrap around midnight. Seconds are cut before the fraction comes, so that the
    last digits never hang on a rounding error.
    """
    seconds = np.minimum((hours % 24.0) * 3600.0, 86_399.0).astype(np.int64)
    fraction = (stream.bits(len(hours)) % np.uint64(1_000_000)).astype(np.int64)
    return seconds * 1_000_000 + fraction


def make_users(stream: Stream, scale: float) -> Users:
    n = scaled(USERS, scale)
    own_hour = any_hour(stream.child("own_hour"), n)
    signed_up_at, lifetime_days = draw_lifetimes(stream, n, own_hour)
    order = np.argsort(signed_up_at, kind="stable")
    signed_up_at, lifetime_days = signed_up_at[order], lifetime_days[order]
    own_hour = own_hour[order]
    # Whoever was there before the year lives on from its first day.
    lives_from = np.maximum(signed_up_at, YEAR_START_US)
    activity = np.exp(ACTIVITY_SIGMA * stream.child("activity").normal(n))
    weekend = stream.child("weekend_affinity").normal(n)
    return Users(
        user_id=np.array(stream.child("user_id").uuids(n), dtype=object),
        signed_up_at=signed_up_at,
        left_at=lives_from + (lifetime_days * 86_400).astype(np.int64) * 1_000_000,
        chats=~stream.child("chats").happens(NEVER_CHATS_SHARE, n),
        activity=activity,
        own_hour=own_hour,
        weekend_affinity=np.exp(WEEKEND_AFFINITY_SIGMA * weekend),
        depth=stream.child("depth").normal(n),
        generosity=stream.child("generosity").normal(n),
        clickiness=stream.child("clickiness").normal(n),
        taste=draw_taste(stream.child("taste"), n),
        recommendation_count=draw_recommendation_counts(stream.child("recommendation_count"), activity, scale),
    )


def draw_lifetimes(stream: Stream, n: int, own_hour: Floats) -> tuple[Ints, Floats]:
    """When people sign up, and how many days they stay from then or New Year on."""
    existing = stream.child("existing").happens(EXISTING_SHARE, n)
    growth = np.linspace(1.0, SIGNUP_GROWTH, DAYS)
    new_day = stream.child("new_day").pick(growth * day_factor(), n)
    earlier = stream.child("earlier_day").uniform(n) * EXISTING_SPAN_DAYS
    day = np.where(existing, -1 - earlier.astype(np.int64), new_day)
    time = time_of_day_us(stream.child("signup_time"), own_hour)
    tries_only = stream.child("tries_only").happens(TRIER_SHARE, n) & ~existing
    mean = np.where(tries_only, TRIER_LIFETIME_DAYS, STAYER_LIFETIME_DAYS)
    lifetime = 1.0 + stream.child("lifetime").exponential(mean)
    return YEAR_START_US + day * DAY_US + time, lifetime


def draw_taste(stream: Stream, n: int) -> Floats:
    spread = stream.normal(n * len(TYPES)).reshape(n, len(TYPES))
    weight = np.asarray(TYPE_POPULARITY) * np.exp(TASTE_SIGMA * spread)
    shares: Floats = weight / weight.sum(axis=1, keepdims=True)
    return shares


def draw_recommendation_counts(stream: Stream, activity: Floats, scale: float) -> Ints:
    """None for many, else one and some more, with the expected total as asked for."""
    given = stream.child("given").happens(HAS_RECOMMENDATIONS_SHARE, len(activity))
    liking = np.where(given, activity**COUNT_ACTIVITY_EXPONENT, 0.0)
    more = max(0.0, RECOMMENDATIONS * scale - float(given.sum()))
    mean = liking * more / max(float(liking.sum()), 1e-9)
    return given + stream.child("more").poisson(mean)


def make_visits(stream: Stream, users: Users, scale: float) -> Visits:
    user, started_at = first_visits(stream.child("first"), users)
    expected = max(0.0, SESSIONS * scale - len(user))
    later_user, later_at = later_visits(stream.child("later"), users, expected)
    user = np.concatenate([user, later_user])
    started_at = np.concatenate([started_at, later_at])
    inside = (started_at >= users.signed_up_at[user]) & (started_at <= users.left_at[user]) & (started_at < YEAR_END_US)
    user, started_at = user[inside], started_at[inside]
    minutes = draw_minutes(stream.child("minutes"), users.depth[user], started_at)
    visits = without_overlaps(Visits(user, started_at, minutes))
    return visits.part(np.lexsort((visits.user, visits.started_at)))


def first_visits(stream: Stream, users: Users) -> tuple[Ints, Ints]:
    """The chat with which most newcomers begin, minutes or hours after signing up."""
    comes = stream.child("comes").happens(FIRST_DAY_CHAT_SHARE, len(users))
    comes &= users.chats & (users.signed_up_at >= YEAR_START_US)
    spread = FIRST_CHAT_DELAY_SIGMA * stream.child("delay").normal(len(users))
    seconds = (60.0 * FIRST_CHAT_DELAY_MEDIAN_MIN * np.exp(spread)).astype(np.int64)
    user = np.flatnonzero(comes)
    return user, users.signed_up_at[user] + seconds[user] * 1_000_000


def later_visits(stream: Stream, users: Users, expected: float) -> tuple[Ints, Ints]:
    """Visits day by day, each person's number Poisson around their own rate."""
    total = sum(float(visit_rates(users, day).sum()) for day in range(DAYS))
    factor = expected / max(total, 1e-9)
    user_of_day, day_of_day = [], []
    for day in range(DAYS):
        count = stream.child("count").poisson(factor * visit_rates(users, day))
        user_of_day.append(np.repeat(np.arange(len(users)), count))
        day_of_day.append(np.full(int(count.sum()), day, dtype=np.int64))
    user = np.concatenate(user_of_day)
    midnight = YEAR_START_US + np.concatenate(day_of_day) * DAY_US
    time = time_of_day_us(stream.child("time"), visit_hours(stream, users, user))
    return user, midnight + time


def visit_rates(users: Users, day: int) -> Floats:
    """Relative number of visits of each person on that day of the year."""
    day_start = YEAR_START_US + day * DAY_US
    present = (users.signed_up_at < day_start + DAY_US) & (users.left_at >= day_start)
    age_days = np.maximum(0, day_start - users.signed_up_at) / DAY_US
    novelty = 1.0 + NOVELTY_BOOST * np.exp(-age_days / NOVELTY_DAYS)
    is_weekend = weekdays()[day] >= 5
    liking = users.weekend_affinity if is_weekend else np.ones(len(users))
    willing = users.activity * novelty * liking * day_factor()[day]
    return np.where(present & users.chats, willing, 0.0)


def visit_hours(stream: Stream, users: Users, user: Ints) -> Floats:
    distance = OWN_HOUR_SPREAD * stream.child("near").normal(len(user))
    as_usual = stream.child("as_usual").happens(OWN_HOUR_SHARE, len(user))
    any_time = any_hour(stream.child("any"), len(user))
    return np.where(as_usual, users.own_hour[user] + distance, any_time)


def draw_minutes(stream: Stream, depth: Floats, started_at: Ints) -> Ints:
    n = len(started_at)
    hour = started_at // (60 * MINUTE_US) % 24
    log_length = (
        math.log(LENGTH_MEDIAN_MIN)
        + LENGTH_PERSON_SIGMA * depth
        + LENGTH_VISIT_SIGMA * stream.child("visit").normal(n)
        + EVENING_LENGTH_BONUS * ((hour >= 18) & (hour < 23))
    )
    minutes = clipped(np.exp(log_length), LENGTH_RANGE_MIN)
    return np.where(stream.child("bounce").happens(BOUNCE_SHARE, n), 0, minutes)


def without_overlaps(visits: Visits) -> Visits:
    """Leave out visits that begin before the same person's previous one is over."""
    ordered = visits.part(np.lexsort((visits.started_at, visits.user)))
    ended_at = ordered.started_at + ordered.minutes * MINUTE_US
    overlaps = np.zeros(len(ordered), dtype=np.bool_)
    overlaps[1:] = (ordered.user[1:] == ordered.user[:-1]) & (ordered.started_at[1:] <= ended_at[:-1])
    return ordered.part(~overlaps)


def clipped(values: Floats, limits: tuple[int, int]) -> Ints:
    """Rounded to whole numbers within limits."""
    return np.clip(np.rint(values), *limits).astype(np.int64)


# ----------------------------------------------------------------------- values as text


def whole(values: Ints) -> list[str]:
    return [str(value) for value in values.tolist()]


def hundredths(values: Floats) -> list[str]:
    """Numbers above 0 with two decimals."""
    whole_hundredths = np.rint(values * 100.0).astype(np.int64).tolist()
    return [f"{value // 100}.{value % 100:02d}" for value in whole_hundredths]


def blanked(texts: list[str], missing: Bools) -> list[str]:
    return ["" if gone else text for text, gone in zip(texts, missing.tolist(), strict=True)]


def timestamps(stream: Stream, at: Ints) -> list[str]:
    """Mostly `2025-03-01 18:04:05.123456`, now and then ISO 8601 with a zone."""
    iso = np.datetime_as_string(at.astype("datetime64[us]"), unit="us").tolist()
    texts = [text.replace("T", " ") for text in iso]
    style = stream.pick([share for _, _, share in TIMESTAMP_STYLES], len(at))
    for row in np.flatnonzero(style).tolist():
        offset_hours, suffix, _ = TIMESTAMP_STYLES[style[row]]
        local = at[row] + (offset_hours or 0) * 60 * MINUTE_US
        texts[row] = f"{np.datetime_as_string(local.astype('datetime64[us]'))}{suffix}"
    return texts


# -------------------------------------------------------------------------------- feeds


def user_activity(world: World, stream: Stream) -> Iterator[Chunk]:
    """One moderated chat session a row, in order of time."""
    for rows in slices(len(world.visits)):
        visits = world.visits.part(rows)
        yield {
            "user_id": world.users.user_id[visits.user].tolist(),
            "session_id": stream.child("session_id").uuids(len(visits)),
            "timestamp": timestamps(stream.child("timestamp"), visits.started_at),
            "session_length": whole(visits.minutes),
            "messages_sent": whole(draw_messages(stream.child("messages"), visits)),
            "feedback_rating": whole(draw_ratings(stream.child("rating"), world.users, visits)),
            "resources_clicked": whole(draw_clicks(stream.child("clicks"), world.users, visits)),
        }


def draw_messages(stream: Stream, visits: Visits) -> Ints:
    pace = MESSAGES_PER_MINUTE * np.exp(MESSAGES_SIGMA * stream.normal(len(visits)))
    sent = np.maximum(1, np.rint(visits.minutes * pace)).astype(np.int64)
    return np.where(visits.minutes == 0, 0, sent)


def draw_ratings(stream: Stream, users: Users, visits: Visits) -> Ints:
    relative_length = np.log(np.maximum(visits.minutes, 5) / LENGTH_MEDIAN_MIN)
    opinion = (
        RATING_MEAN
        + RATING_PER_LENGTH * relative_length
        + RATING_PER_GENEROSITY * users.generosity[visits.user]
        + RATING_NOISE * stream.normal(len(visits))
    )
    return clipped(opinion, RATING_RANGE)


def draw_clicks(stream: Stream, users: Users, visits: Visits) -> Ints:
    """More of them for those with recommendations, most where taste is pronounced."""
    favourite = users.taste.max(axis=1)
    mean = np.where(
        users.recommendation_count > 0,
        CLICKS_WITH_RECOMMENDATIONS + CLICKS_PER_TASTE * favourite,
        CLICKS_WITHOUT_RECOMMENDATIONS,
    ) * np.exp(CLICKS_PER_CLICKINESS * users.clickiness)
    length_factor = (visits.minutes / LENGTH_MEDIAN_MIN) ** CLICKS_LENGTH_EXPONENT
    return stream.poisson(mean[visits.user] * length_factor)


def recommendations(world: World, stream: Stream) -> Iterator[Chunk]:
    """One recommendation a row, in no particular order."""
    owners = np.repeat(np.arange(len(world.users)), world.users.recommendation_count)
    shuffled = np.argsort(stream.child("order").uniform(len(owners)), kind="stable")
    owners = owners[shuffled]
    for rows in slices(len(owners)):
        user = owners[rows]
        kind = draw_types(stream.child("type"), world.users, user)
        ctr = draw_ctr(stream.child("ctr"), world.users, user, kind)
        score = draw_scores(stream.child("score"), world.users, user, ctr)
        unmeasured = stream.child("unmeasured").happens(CTR_MISSING_SHARE, len(user))
        unrated = stream.child("unrated").happens(SCORE_MISSING_SHARE, len(user))
        yield {
            "recommendation_id": stream.child("recommendation_id").uuids(len(user)),
            "user_id": world.users.user_id[user].tolist(),
            "recommendation_type": [TYPES[k] for k in kind.tolist()],
            "click_through_rate": blanked(hundredths(ctr), unmeasured),
            "feedback_score": blanked(whole(score), unrated),
        }


def draw_types(stream: Stream, users: Users, user: Ints) -> Ints:
    """A type after the person's taste, or any type where the recommender guesses."""
    edges = np.cumsum(users.taste[user], axis=1)[:, :-1]
    position = stream.child("taste").uniform(len(user))
    by_taste = (position[:, None] >= edges).sum(axis=1)
    at_random = stream.child("guess").pick(np.ones(len(TYPES)), len(user))
    matched = stream.child("matched").happens(MATCHED_SHARE, len(user))
    return np.where(matched, by_taste, at_random)


def draw_ctr(stream: Stream, users: Users, user: Ints, kind: Ints) -> Floats:
    logit = (
        CTR_LOGIT_MEAN
        + CTR_PER_TASTE * (users.taste[user, kind] - 1.0 / len(TYPES))
        + CTR_PER_CLICKINESS * users.clickiness[user]
        + CTR_NOISE * stream.normal(len(user))
    )
    return 1.0 / (1.0 + np.exp(-logit))


def draw_scores(stream: Stream, users: Users, user: Ints, ctr: Floats) -> Ints:
    opinion = (
        SCORE_MEAN
        + SCORE_PER_CTR * (ctr - 0.5)
        + SCORE_PER_GENEROSITY * users.generosity[user]
        + SCORE_NOISE * stream.normal(len(user))
    )
    return clipped(opinion, (1, 5))


def moderator_performance(world: World, stream: Stream) -> Iterator[Chunk]:
    """One moderator a row; their sessions add up to those of the world."""
    n = scaled(MODERATORS, world.scale)
    share = np.exp(MODERATOR_LOAD_SIGMA * stream.child("share").normal(n))
    moderator = stream.child("moderator").pick(share, len(world.visits))
    sessions = np.bincount(moderator, minlength=n)
    load = np.maximum(sessions, 1) / max(1.0, len(world.visits) / n)
    spread = RESPONSE_SIGMA * stream.child("response").normal(n)
    response_log = RESPONSE_LOAD_EXPONENT * np.log(load) + spread
    satisfaction = (
        SATISFACTION_MEAN
        + SATISFACTION_PER_RESPONSE * response_log
        + SATISFACTION_NOISE * stream.child("satisfaction").normal(n)
    )
    yield {
        "moderator_id": stream.child("moderator_id").uuids(n),
        "chat_sessions_moderated": whole(sessions),
        "avg_response_time": hundredths(RESPONSE_MEDIAN_S * np.exp(response_log)),
        "user_satisfaction_score": whole(clipped(satisfaction, (1, 5))),
    }


def slices(n: int) -> Iterator[slice]:
    for start in range(0, n, CHUNK_ROWS):
        yield slice(start, min(start + CHUNK_ROWS, n))


@dataclass(frozen=True)
class Feed:
    columns: tuple[str, ...]
    key: str  # the column that identifies a row
    chunks: Callable[[World, Stream], Iterator[Chunk]]


FEEDS: dict[str, Feed] = {
    "user_activity": Feed(
        columns=(
            "user_id",
            "session_id",
            "timestamp",
            "session_length",
            "messages_sent",
            "feedback_rating",
            "resources_clicked",
        ),
        key="session_id",
        chunks=user_activity,
    ),
    "recommendations": Feed(
        columns=(
            "recommendation_id",
            "user_id",
            "recommendation_type",
            "click_through_rate",
            "feedback_score",
        ),
        key="recommendation_id",
        chunks=recommendations,
    ),
    "moderator_performance": Feed(
        columns=(
            "moderator_id",
            "chat_sessions_moderated",
            "avg_response_time",
            "user_satisfaction_score",
        ),
        key="moderator_id",
        chunks=moderator_performance,
    ),
}

# ------------------------------------------------------------------------------ writing


@dataclass(frozen=True)
class FeedReport:
    """What was written: raw = accepted + rejected + duplicate."""

    feed: str
    accepted: int
    rejected: int
    duplicate: int
    size_bytes: int

    @property
    def raw(self) -> int:
        return self.accepted + self.rejected + self.duplicate


def defects_of(feed: str) -> list[Defect]:
    return [defect for defect in PLANTED_DEFECTS if defect.feed == feed]


def plant(name: str, rows: list[list[str]], stream: Stream) -> list[str]:
    """CSV lines of a feed's first chunk, quirks put on and defects put in.

    All their places lie in that chunk. In a feed too short for a defect's place, it
    stands before the last row.
    """
    feed = FEEDS[name]
    for quirk in (q for q in PLANTED_QUIRKS if q.feed == name and q.row < len(rows)):
        rows[quirk.row] = edited(feed, rows[quirk.row], quirk.edits)
    lines = [",".join(row) for row in rows]
    last = len(rows) - 1
    # From the back, so that earlier places stay where they are.
    for defect in sorted(defects_of(name), key=lambda d: d.before_row, reverse=True):
        source = defect.before_row if defect.copy_of is None else defect.copy_of
        row = edited(feed, rows[min(source, last)], defect.edits)
        if not defect.same_key:
            own_key = stream.child(defect.kind).uuids(1)[0]
            row[feed.columns.index(feed.key)] = own_key
        place = min(defect.before_row, last)
        lines.insert(place, ",".join(row[: defect.keep_fields]))
    return lines


def edited(feed: Feed, row: list[str], edits: Mapping[str, str]) -> list[str]:
    row = list(row)
    for column, template in edits.items():
        index = feed.columns.index(column)
        row[index] = template.format(row[index])
    return row


def write_feed(name: str, world: World, out: Path) -> FeedReport:
    feed = FEEDS[name]
    stream = Stream(world.seed, "feed", name)
    accepted = planted = 0
    path = out / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(feed.columns) + "\n")
        for chunk in feed.chunks(world, stream):
            columns = [chunk[column] for column in feed.columns]
            rows = [list(row) for row in zip(*columns, strict=True)]
            if accepted == 0 and rows:
                lines = plant(name, rows, stream.child("planted"))
                planted = len(lines) - len(rows)
            else:
                lines = [",".join(row) for row in rows]
            accepted += len(rows)
            file.write("\n".join(lines) + "\n")
    outcomes = [defect.outcome for defect in defects_of(name)] if planted else []
    return FeedReport(
        feed=name,
        accepted=accepted,
        rejected=outcomes.count("rejected"),
        duplicate=outcomes.count("duplicate"),
        size_bytes=path.stat().st_size,
    )


def generate(out: Path, seed: int = DEFAULT_SEED, scale: float = 1.0) -> list[FeedReport]:
    """Write every feed to `out` and say what is in it."""
    out.mkdir(parents=True, exist_ok=True)
    world = make_world(seed, scale)
    return [write_feed(name, world, out) for name in FEEDS]


# ---------------------------------------------------------------- tables for the README


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def report_table(reports: Sequence[FeedReport]) -> str:
    return markdown_table(
        ["feed", "raw", "accepted", "rejected", "duplicate", "bytes"],
        [
            [
                f"`{r.feed}`",
                *(f"{n:,}" for n in (r.raw, r.accepted, r.rejected, r.duplicate)),
                f"{r.size_bytes:,}",
            ]
            for r in reports
        ],
    )


def defect_table() -> str:
    return markdown_table(
        ["feed", "kind", "outcome", "why it is there"],
        [
            [
                f"`{d.feed}`",
                f"`{d.kind}`",
                ", ".join(f"`{reason}`" for reason in d.reasons) or d.outcome,
                d.why,
            ]
            for d in PLANTED_DEFECTS
        ],
    )


def quirk_table() -> str:
    return markdown_table(
        ["feed", "kind", "columns", "why it is there"],
        [
            [
                f"`{q.feed}`",
                f"`{q.kind}`",
                ", ".join(f"`{column}`" for column in q.edits),
                q.why,
            ]
            for q in PLANTED_QUIRKS
        ],
    )


# ------------------------------------------------------------------------- command line


def positive(text: str) -> float:
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"must be above 0, not {text}")
    return value


def natural(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"must be 0 or above, not {text}")
    return value


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description="Write the sample world's raw feeds as CSV files. "
        "The same seed and scale always give the same bytes.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--seed", type=natural, default=DEFAULT_SEED, help="which world to make")
    parser.add_argument(
        "--scale",
        type=positive,
        default=1.0,
        help=f"size of the world; 1 is about {USERS:,} users, {SESSIONS:,} sessions, "
        f"{RECOMMENDATIONS:,} recommendations, {MODERATORS} moderators",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=DEFAULT_OUT,
        help="folder to write one <feed>.csv each into",
    )
    parser.add_argument(
        "--planted",
        action="store_true",
        help="also print the planted defects and quirks",
    )
    options = parser.parse_args(arguments)
    print(report_table(generate(options.out, options.seed, options.scale)))
    if options.planted:
        print(f"\n{defect_table()}\n\n{quirk_table()}")


if __name__ == "__main__":
    main()
