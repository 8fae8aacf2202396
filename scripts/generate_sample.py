"""Write the sample world: made-up raw feeds that look like a real product.

    python scripts/generate_sample.py                  # refreshes data/sample
    python scripts/generate_sample.py --scale 100 --out /tmp/big

How it is put together
    1. `make_world` draws people (when they signed up and left, how active they are,
       when they like to chat, what they like to read) and their visits.
    2. Each feed is one function in `FEEDS` that tells the world as rows of text.
    3. `plant` puts the few bad rows of `PLANTED_DEFECTS` and the legal but surprising
       values of `PLANTED_QUIRKS` among them. `PLANTED_STORIES` (chat events),
       `PLANTED_CONFLICTS` and `CLIENT_STORIES` (onboarding events) and
       `PLANTED_IRREGULARITIES` (exposures) are told by those feeds themselves.

To add a feed, write one more such function and register it in `FEEDS`. Everything
random comes from a `Stream` found by name, so a new feed (or a new column in an old
one) leaves every other value as it was. The same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]
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
HOUR_US = 3_600_000_000  # microseconds in an hour
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

# -------------------------------------------------------------------------- chat events

CHAT_PARTS = 3  # files at scale 1, each a third of the year by the time of loading
CHAT_PARTS_MAX = 12  # a larger world has more of them, up to one a month
CHAT_PEOPLE_SHARE = 0.34  # people whose events the feed has; the rest turned it off
CHAT_CLIENT_SHARE = 0.15  # of those, how many who are also clients are kept
CHAT_LATER_SHARE = 0.26  # of their moderated sessions, those with a burst before it
CHAT_DELAY_MEDIAN_S = 90.0  # from sign-up to the first burst, log-normal
CHAT_DELAY_SIGMA = 1.4
CHAT_LEAD_S = 600  # a later burst begins up to so many seconds before the session
CHATTY_SHARE = 0.62  # bursts with a chat in them, of people who chat at all
BURST_MEDIAN = {False: 1.9, True: 4.2}  # further events, without and with a chat
BURST_SIGMA = 0.85  # log-normal spread
BURST_MAX = 60  # events
EVENT_GAP_MEDIAN_S = 21.0  # between two events of a burst, log-normal
EVENT_GAP_SIGMA = 1.4
EVENT_GAP_MAX_S = 2_700  # 45 minutes, so a few bursts are two sessions
TIE_SHARE = 0.03  # events at the very microsecond of the one before
GREETED_SHARE = 0.6  # bursts whose second event is a greeting
CHAT_EVENTS = (
    *("app_open", "greeting_shown", "chat_message_sent", "chat_closed", "product_viewed"),
    *("deal_viewed", "search", "order_placed", "beta_widget_poked", "legacy_ping"),
)
BROWSING_WEIGHTS = (4, 0, 0, 0, 44, 22, 24, 5, 0.7, 0.5)  # in the order of `CHAT_EVENTS`
CHATTING_WEIGHTS = (1, 0, 66, 0, 12, 8, 8, 4, 0.4, 0.3)
DEVICES = ("mobile", "desktop", "tablet", "")
DEVICE_WEIGHTS = (0.62, 0.29, 0.09)  # of people
OTHER_DEVICE_SHARE = 0.12  # bursts on another device than the person's own
NO_DEVICE_SHARE = 0.05  # events that do not say the device
NO_LOADED_AT_SHARE = 0.004  # events that do not say when they were loaded
LATE_SHARE = 0.010  # events that come only with the next file: phones without a network
CORRECTED_SHARE = 0.005  # events told again, otherwise, in the next file
REPLAYED_ROWS = 9  # last rows of a file that come again at the head of the next

# -------------------------------------------------------------------- onboarding events

CLIENT_SHARE = 0.28  # of those who sign up within the year
MORE_ACCOUNTS = (0.85, 0.11, 0.04)  # clients with 1, 2, 3 accounts
NO_ACCOUNT_SHARE = 0.25  # of the bounced: left before an account was made
STEP_SIGMA = 0.55  # log-normal spread of the time a step takes
STEP_MAX_S = 1_200
MOBILE_SHARE = 0.45  # clients who begin on a phone ...
MOBILE_ACTIVATION = 0.6  # ... and how likely they activate, relative to the others
SECOND_SESSION_DAYS = 1.6  # mean delay after the first, exponential, and at least ...
THIRD_SESSION_DAYS = 6.0  # ... `SESSION_PAUSE_S`
TRIAL_END_DAYS = 1.0  # ... and of a visit towards the end of a trial, after ...
TRIAL_DAYS = 6  # ... so many days of it
SESSION_PAUSE_S = 3_600
PUBLISH_SUCCEEDS = 0.92
TRIAL_SUCCEEDS = 0.95
PAYMENT_SUCCEEDS = 0.75
ACTIVATION_MEDIAN_S = 420.0  # from publishing to the first contact, log-normal
ACTIVATION_SIGMA = 1.5
CONTACTS_MEAN = 1.4  # further contacts, Poisson
CONTACT_DAYS = 2.5  # their mean delay, exponential
REPEATED_SHARE = 0.006  # events exported twice because they did happen twice
PRO_BEFORE_TRIAL_US = (4_000_000, 4_000_001, 4_000_000, 0)  # of the first trials
# profiles
NO_PROFILE_SHARE = 0.02  # people whose profile was deleted
LATE_PROFILE_SHARE = 0.01  # profiles made anew, and so younger than what their people did
LATE_PROFILE_DAYS = 45
GENDERS = (("female", 0.47), ("male", 0.44), ("other", 0.03), ("", 0.06))
AGE_MEDIAN = 31.0  # years at sign-up, log-normal ...
AGE_SIGMA = 0.33
AGE_RANGE = (14, 90)  # ... within
NO_BIRTH_DATE_SHARE = 0.08
INCOME_BANDS = (("low", 0.3), ("middle", 0.4), ("high", 0.15), ("", 0.15))
CHANNELS = (("organic", 0.34), ("search", 0.24), ("social", 0.22), ("referral", 0.12), ("email", 0.08))
CAMPAIGN_MONTHS = 3  # a campaign of a channel runs for so many months
NO_CAMPAIGN_SHARE = {"organic": 1.0, "search": 0.3, "social": 0.2, "referral": 0.7, "email": 0.1}
LEVEL_ACTIVITY = (1.0, 2.5)  # activity from which on people are silver, and gold
UPDATE_MEAN_DAYS = 60.0  # from sign-up to the profile's last change, exponential
NO_UPDATED_AT_SHARE = 0.03
# ... and what sets those apart who begin to chat soon after they sign up
EARLY_CHAT_DAYS = 7  # sooner than so many days after it
CHANNEL_LIKINGS = {"social": 0.25, "referral": 3.0}  # how often they are of a channel, relative to the others
EARLY_CHAT_AGE = 0.75  # their median age, relative to the others'

# orders
BUYER_SHARE = 0.55  # people who order at all
ORDERS_PER_VISIT = 0.5  # Poisson, of buyers
ORDER_DELAY_MEDIAN_MIN = 20.0  # after the visit began, log-normal
ORDER_DELAY_SIGMA = 1.6
ORDER_VALUE_MEDIAN = 34.0  # log-normal
ORDER_VALUE_SIGMA = 0.7
NO_ORDER_VALUE_SHARE = 0.02
GUEST_ORDERS = 12  # at scale 1: of people without any other row
REGULAR_SHARE = 0.8  # of those who never chat, people who order in a rhythm of their own ...
REGULAR_EVERY_DAYS = 8.2  # ... about every so many days, Poisson ...
FADING_DAYS = 42  # ... and before they leave for so many days ...
FADED_RATE = 0.25  # ... only so often, relative to before

# the loyalty ledger
MEMBER_SHARE = 0.75  # buyers who collect points: one for each unit of an order's value
REDEEM_SHARE = 0.3  # orders before which points are redeemed, where there are enough
REDEEM_STEP = 50  # points are redeemed by the fifty
EXPIRE_AFTER_DAYS = 150  # points not used by then expire at the turn of the next month
ADJUST_SHARE = 0.02  # orders after which somebody corrects the balance ...
ADJUST_MAX = 25  # ... by up to so many points, up or down
REDEEMED_TWICE = 4  # people whose points were redeemed twice at once, before their last order: an overdraft

# experiments
GREETING_LIFT = 0.10  # of shorter_greeting: how much more often a chat begins soon, relative to the control
GREETED_AFTER_US = 200_000  # from sign-up to the greeting, for everybody
SEEN_AGAIN_SHARE = 0.2  # people who see their variant a second time ...
SEEN_AGAIN_DAYS = 4.0  # ... after a mean delay of so many days, exponential
BANNER_LOST_SHARE = 0.5  # people with the banner of whom no exposure is recorded
TIPS_REACH = 0.8  # visitors who see their tips
MIN_STRATUM_SIZE = 20  # as dbt_project.yml has it

# Clients from before `2021-09-18`, and one from its very first moment.
OLD_CLIENTS = ("2019-05-06 11:20:31.000000", "2021-09-17 23:59:59.999999", "2021-09-18 00:00:00.000000")


@dataclass(frozen=True)
class Step:
    """One interface event of a script."""

    name: str
    seconds: float  # median time since the step before
    share: float = 1.0  # of accounts that take it
    follows: bool = False  # only if the step before was taken


@dataclass(frozen=True)
class Behaviour:
    """What an account does in its first session, and what becomes of it."""

    name: str
    share: float
    returns: float  # share with a second session; of these again for a third
    activates: float  # share of those who publish
    first_session: tuple[Step, ...]


BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour(
        "motivated_onboarder",
        share=0.24,
        returns=0.55,
        activates=0.85,
        first_session=(
            Step("onboarding_started", 6),
            Step("onboarding_step_completed", 40),
            Step("onboarding_step_completed", 45, 0.9),
            Step("channel_connect_clicked", 60, 0.9),
            Step("channel_connected", 25, 0.95, follows=True),
            Step("onboarding_finished", 30),
            Step("builder_opened", 40, 0.8),
            Step("block_added", 80, 0.9, follows=True),
            Step("flow_saved", 60, 0.9, follows=True),
            Step("flow_publish_clicked", 60, 0.9, follows=True),
        ),
    ),
    Behaviour(
        "tutorial_reader",
        share=0.18,
        returns=0.50,
        activates=0.55,
        first_session=(
            Step("onboarding_started", 8),
            Step("tutorial_opened", 30),
            Step("tutorial_step_viewed", 60),
            Step("tutorial_step_viewed", 70, 0.7),
            Step("tutorial_completed", 60, 0.6),
            Step("template_viewed", 40, 0.3),
            Step("channel_connect_clicked", 60, 0.35),
            Step("channel_connected", 30, 0.85, follows=True),
        ),
    ),
    Behaviour(
        "trial_first",
        share=0.12,
        returns=0.65,
        activates=0.65,
        first_session=(
            Step("onboarding_started", 8, 0.5),
            Step("pricing_opened", 30),
            Step("trial_clicked", 40),
            Step("builder_opened", 60, 0.6),
            Step("channel_connect_clicked", 60, 0.6),
            Step("channel_connected", 25, 0.9, follows=True),
            Step("flow_publish_clicked", 150, 0.4, follows=True),
        ),
    ),
    Behaviour(
        "builder_first",
        share=0.18,
        returns=0.50,
        activates=0.70,
        first_session=(
            Step("builder_opened", 20),
            Step("template_viewed", 40, 0.5),
            Step("block_added", 60),
            Step("block_added", 45, 0.8),
            Step("flow_saved", 40),
            Step("channel_connect_clicked", 90, 0.7),
            Step("channel_connected", 30, 0.85, follows=True),
            Step("flow_publish_clicked", 60, 0.7, follows=True),
        ),
    ),
    Behaviour(
        "left_after_connecting_channel",
        share=0.12,
        returns=0.12,
        activates=0.15,
        first_session=(
            Step("onboarding_started", 8),
            Step("onboarding_step_completed", 50),
            Step("channel_connect_clicked", 50),
            Step("channel_connected", 30),
        ),
    ),
    Behaviour(
        "bounced",
        share=0.16,
        returns=0.06,
        activates=0.30,
        first_session=(Step("onboarding_started", 12), Step("pricing_opened", 25, 0.3)),
    ),
)
SECOND_SESSION: tuple[Step, ...] = (
    Step("dashboard_opened", 0),
    Step("exp_banner_seen", 2, 0.05),
    Step("builder_opened", 20, 0.75),
    Step("block_added", 70, 0.8, follows=True),
    Step("flow_saved", 50, 0.8, follows=True),
    Step("channel_connect_clicked", 60, 0.6),
    Step("channel_connected", 25, 0.9, follows=True),
    Step("flow_publish_clicked", 60, 0.6),
    Step("pricing_opened", 60, 0.25),
    Step("trial_clicked", 40, 0.4, follows=True),
)
THIRD_SESSION: tuple[Step, ...] = (
    Step("dashboard_opened", 0),
    Step("debug_panel_opened", 5, 0.05),
    Step("settings_opened", 30, 0.4),
    Step("template_viewed", 40, 0.3),
    Step("flow_saved", 90, 0.4),
    Step("pricing_opened", 60, 0.6),
    Step("checkout_opened", 50, 0.9, follows=True),
)
TRIAL_END_SESSION: tuple[Step, ...] = (
    Step("dashboard_opened", 0),
    Step("pricing_opened", 30, 0.7),
    Step("checkout_opened", 50, 0.75, follows=True),
)
CLIENT_COLUMNS: dict[str, tuple[tuple[str, float], ...]] = {
    "country_group": (("tier1", 0.4), ("tier2", 0.35), ("tier3", 0.25)),
    "traffic_source": (("organic", 0.4), ("ads", 0.25), ("referral", 0.2), ("partner", 0.1), ("", 0.05)),
}
ACCOUNT_COLUMNS: dict[str, tuple[tuple[str, float], ...]] = {
    "admin_status": (("owner", 0.8), ("admin", 0.15), ("agency", 0.05)),
    "support_provided": (("false", 0.85), ("true", 0.15)),
    "hear_source": (("friend", 0.2), ("google", 0.2), ("youtube", 0.15), ("instagram", 0.2), ("", 0.25)),
    "industry": (
        ("retail", 0.3),
        ("beauty", 0.2),
        ("fitness", 0.15),
        ("education", 0.1),
        ('"food, drinks"', 0.1),
        ("", 0.15),
    ),
    "initial_channel": (("instagram", 0.7), ("facebook", 0.2), ("telegram", 0.1)),
}

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
    """A bad row added to a feed: a changed copy of a good row, with its own key if any.

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
    part: int = 0  # in a folder of files: which of them, from 0

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


@dataclass(frozen=True)
class Told:
    """One row about a chat event."""

    at: str
    name: str
    loaded_at: str = ""  # none: the next full hour
    device: str = "mobile"
    again: int | None = None  # the row of the story that it tells again
    person: int = 0  # 1: somebody else
    comes_last: bool = False  # in the last file, whenever it was loaded


@dataclass(frozen=True)
class Story:
    """Chat events of a person who has no others, told row by row."""

    kind: str
    why: str
    rows: tuple[Told, ...]


@dataclass(frozen=True)
class Conflict:
    """An onboarding account's column that does not say the same on every row."""

    column: str
    why: str
    earlier: str = "{}"  # what the first half of the account's rows say
    later: str = "{}"  # what the others say; `{}` stands for what was there
    later_by_min: int = 0  # ... and moved by so many minutes


@dataclass(frozen=True)
class Click:
    """One row about something a client did."""

    at: str
    name: str
    account: int = 1  # which of the story's accounts; 0: none yet
    says: Mapping[str, str] = field(default_factory=dict)  # columns that this row tells otherwise
    client: int = 1  # which of the story's clients


@dataclass(frozen=True)
class ClientStory:
    """Onboarding events of clients who have no others, told row by row.

    `accounts` gives what an account's rows say beside `STORY_ACCOUNT_COLUMNS`.
    """

    kind: str
    why: str
    clients: tuple[str, ...]  # when each was created; empty: the export does not know
    accounts: tuple[Mapping[str, str], ...]
    rows: tuple[Click, ...]
    device: str = "desktop"


@dataclass(frozen=True)
class Experiment:
    """An experiment, as seeds/reference/experiments.csv declares it."""

    name: str
    variants: tuple[str, ...]
    weights: tuple[int, ...]
    starts_at: str
    ends_at: str
    salt: str = ""

    @property
    def bounds(self) -> tuple[int, int]:
        starts_at, ends_at = np.array([self.starts_at, self.ends_at], dtype="datetime64[us]").astype(np.int64).tolist()
        return starts_at, ends_at


@dataclass(frozen=True)
class Irregularity:
    """What people dealt to `weekly_tips` see and should not, beside what they do see or in its place."""

    kind: str
    people: int
    why: str
    at: str = ""  # none: an hour after what they do see
    experiment: str = "weekly_tips"
    variant: str = ""  # none: another than they were dealt
    instead: bool = False


GREETING = Experiment("shorter_greeting", ("control", "one_line"), (1, 1), "2025-01-15 00:00:00", "2025-12-15 00:00:00")
SAME_GREETING = Experiment("same_greeting_twice", ("a", "b"), (1, 1), "2025-01-15 00:00:00", "2025-12-15 00:00:00")
BANNER = Experiment("loyalty_banner", ("control", "banner"), (1, 1), "2025-03-01 00:00:00", "2025-10-01 00:00:00")
TIPS = Experiment(
    "weekly_tips",
    ("control", "short_tips", "long_tips"),
    (2, 1, 1),
    "2025-04-01 00:00:00",
    "2025-09-01 00:00:00",
    salt="tips of spring",
)
PLANTED_IRREGULARITIES: tuple[Irregularity, ...] = (
    Irregularity("another_variant", 5, "the message tool had its own idea of who gets which tips", instead=True),
    Irregularity("two_variants", 4, "a second device got what another user was dealt"),
    Irregularity("too_early", 3, "a trial run a microsecond before the start", at="2025-03-31 23:59:59.999999"),
    Irregularity("too_late", 2, "a message sent at the very moment of the end", at="2025-09-01 00:00:00.000000"),
    Irregularity("unknown_variant", 2, "a variant that was given up, and not everywhere", variant="medium_tips"),
    Irregularity("unknown_experiment", 2, "a misspelt name", experiment="weekly_tip", variant="control"),
)
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
    Defect(
        feed="chat_events",
        kind="two_digit_year",
        before_row=150,
        why="nobody can say which of the three numbers is the year",
        reasons=("event_at: timestamp_unparseable",),
        edits={"event_at": "03/04/25 10:11"},
    ),
    Defect(
        feed="chat_events",
        kind="empty_user_id",
        before_row=410,
        why="an event before the person was known",
        reasons=("user_id: empty",),
        edits={"user_id": ""},
    ),
    Defect(
        feed="chat_events",
        part=1,
        kind="empty_event_id",
        before_row=88,
        same_key=True,
        why="an event that nothing can be corrected or counted once by",
        reasons=("event_id: empty",),
        edits={"event_id": ""},
    ),
    Defect(
        feed="chat_events",
        part=1,
        kind="event_after_its_load",
        before_row=240,
        why="one microsecond more than clocks may differ",
        reasons=("event_at: timestamp_out_of_range",),
        edits={"event_at": "2025-06-11 12:05:00.000001", "loaded_at": "2025-06-11 12:00:00"},
    ),
    Defect(
        feed="chat_events",
        part=1,
        kind="too_few_fields",
        before_row=377,
        keep_fields=3,
        why="a line cut off in the middle",
        reasons=("too_few_fields",),
    ),
    Defect(
        feed="chat_events",
        part=2,
        kind="future_timestamp",
        before_row=121,
        why="one such row must not move the data's own `now`",
        reasons=("event_at: timestamp_out_of_range",),
        edits={"event_at": "2999-01-01 00:00:00.000000"},
    ),
    Defect(
        feed="chat_events",
        part=2,
        kind="too_many_fields",
        before_row=500,
        why="a device name with a comma and no quotes",
        reasons=("too_many_fields",),
        edits={"device_type": "tablet,10 inch"},
    ),
    Defect(
        feed="onboarding_events",
        kind="spreadsheet_timestamp",
        before_row=140,
        why="a spreadsheet kept only minutes and seconds",
        reasons=("event_dttm: timestamp_unparseable",),
        edits={"event_dttm": "12:41.0"},
    ),
    Defect(
        feed="onboarding_events",
        kind="empty_client_id",
        before_row=333,
        why="an event nobody can be found for",
        reasons=("client_id: empty",),
        edits={"client_id": ""},
    ),
    Defect(
        feed="onboarding_events",
        kind="followers_with_a_unit",
        before_row=520,
        why="`12.5k` is for people, not a number",
        reasons=("ig_followerscount: not_a_number",),
        edits={"ig_followerscount": "12.5k"},
    ),
    Defect(
        feed="onboarding_events",
        kind="too_few_fields",
        before_row=700,
        keep_fields=9,
        why="a line cut off in the middle",
        reasons=("too_few_fields",),
    ),
    Defect(
        feed="onboarding_events",
        kind="future_timestamp",
        before_row=905,
        why="one such row must not move the data's own `now`",
        reasons=("event_dttm: timestamp_out_of_range",),
        edits={"event_dttm": "2999-12-31 23:59:59.000000"},
    ),
    Defect(
        feed="onboarding_events",
        kind="too_many_fields",
        before_row=1010,
        why="a comma in a name without quotes, which shifts everything behind it",
        reasons=("too_many_fields",),
        edits={"industry": "food, drinks"},
    ),
    Defect(
        feed="users",
        kind="outdated_profile",
        before_row=150,
        copy_of=90,
        same_key=True,
        why="what an older export says of the same person; the profile updated last wins",
        reasons=("conflicting_duplicate",),
        edits={"user_level": "none", "updated_at": "2020-01-01 00:00:00.000000"},
    ),
    Defect(
        feed="users",
        kind="empty_created_at",
        before_row=330,
        why="nobody knows since when the person is there",
        reasons=("created_at: empty",),
        edits={"created_at": ""},
    ),
    Defect(
        feed="users",
        kind="exact_duplicate",
        before_row=512,
        copy_of=200,
        same_key=True,
        why="a row delivered twice, far apart; it counts once",
    ),
    Defect(
        feed="users",
        kind="date_without_time",
        before_row=700,
        why="a day is no moment: it is another one in each time zone",
        reasons=("created_at: timestamp_unparseable",),
        edits={"created_at": "2025-05-05"},
    ),
    Defect(
        feed="orders",
        kind="negative_value",
        before_row=100,
        why="a refund is no order",
        reasons=("order_value: out_of_range",),
        edits={"order_value": "-19.90"},
    ),
    Defect(
        feed="orders",
        kind="empty_user_id",
        before_row=250,
        why="an order of nobody",
        reasons=("user_id: empty",),
        edits={"user_id": ""},
    ),
    Defect(
        feed="orders",
        kind="exact_duplicate",
        before_row=420,
        copy_of=61,
        same_key=True,
        why="a row delivered twice, far apart; it counts once",
    ),
    Defect(
        feed="experiment_exposures",
        kind="empty_variant",
        before_row=60,
        why="nobody can say what was seen",
        reasons=("variant: empty",),
        edits={"variant": ""},
    ),
    Defect(
        feed="experiment_exposures",
        kind="exact_duplicate",
        before_row=310,
        copy_of=205,
        why="a row delivered twice: without an id, what is the same in every column is the same exposure",
    ),
    Defect(
        feed="experiment_exposures",
        kind="date_without_time",
        before_row=480,
        why="a day is no moment: it may lie before the assignment or after it",
        reasons=("exposed_at: timestamp_unparseable",),
        edits={"exposed_at": "2025-06-06"},
    ),
    Defect(
        feed="experiment_exposures",
        kind="too_few_fields",
        before_row=720,
        keep_fields=2,
        why="a line cut off in the middle",
        reasons=("too_few_fields",),
    ),
    Defect(
        feed="point_transactions",
        kind="unknown_type",
        before_row=140,
        why="nobody can say whether it adds or takes",
        reasons=("transaction_type: unknown_value",),
        edits={"transaction_type": "bonus"},
    ),
    Defect(
        feed="point_transactions",
        kind="negative_redemption",
        before_row=260,
        why="the type gives the sign, so points are above 0",
        reasons=("points: out_of_range",),
        edits={"transaction_type": "redeem", "points": "-50"},
    ),
    Defect(
        feed="point_transactions",
        kind="nothing_accrued",
        before_row=380,
        why="no points are no accrual",
        reasons=("points: out_of_range",),
        edits={"transaction_type": "accrue", "points": "0"},
    ),
    Defect(
        feed="point_transactions",
        kind="half_a_point",
        before_row=430,
        why="points are whole",
        reasons=("points: not_whole",),
        edits={"points": "10.5"},
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
    Quirk(
        feed="chat_events",
        kind="blanks_around_values",
        row=33,
        why="blanks are trimmed, so this is no other event",
        edits={"event_name": " {} "},
    ),
    Quirk(
        feed="onboarding_events",
        kind="blanks_around_values",
        row=610,
        why="blanks are trimmed, also around a name and a yes or no",
        edits={"event_name": "{} ", "first_account_for_user": " {}"},
    ),
    Quirk(
        feed="users",
        kind="gender_in_capitals",
        row=17,
        why="it is the same gender",
        edits={"gender": "FEMALE"},
    ),
    Quirk(
        feed="users",
        kind="no_known_gender",
        row=33,
        why="a gender that the project does not know is unknown, and the profile holds",
        edits={"gender": "n/a"},
    ),
    Quirk(
        feed="users",
        kind="born_in_the_future",
        row=48,
        why="a birth date that cannot be is unknown, and the profile holds",
        edits={"birth_date": "2031-07-01"},
    ),
    Quirk(
        feed="users",
        kind="born_in_another_century",
        row=64,
        why="before 1900 somebody left the field as the form had it",
        edits={"birth_date": "1899-12-31"},
    ),
    Quirk(
        feed="users",
        kind="oldest_birth_date",
        row=81,
        why="the first day that counts",
        edits={"birth_date": "1900-01-01"},
    ),
    Quirk(
        feed="users",
        kind="birth_date_with_a_time",
        row=97,
        why="a database exported the day as a moment",
        edits={"birth_date": "{} 00:00:00"},
    ),
    Quirk(
        feed="orders",
        kind="free_order",
        row=30,
        why="a voucher paid for all of it: the lower end is inside the range",
        edits={"order_value": "0"},
    ),
    Quirk(
        feed="point_transactions",
        kind="blanks_around_values",
        row=20,
        why="blanks are trimmed, so this is no other type",
        edits={"transaction_type": " {} "},
    ),
)

PLANTED_STORIES: tuple[Story, ...] = (
    Story(
        kind="exact_half_hour",
        why="gaps of 29:59.999999, 30:00.000000 and 30:00.000001: a session ends at the second and third",
        rows=(
            Told("2025-02-03 10:00:00.250000", "app_open"),
            Told("2025-02-03 10:30:00.249999", "product_viewed"),
            Told("2025-02-03 11:00:00.249999", "search"),
            Told("2025-02-03 11:30:00.250000", "chat_message_sent"),
        ),
    ),
    Story(
        kind="half_hour_to_a_tie",
        why="two events at the very microsecond that is 30:00 after the last",
        rows=(
            Told("2025-06-17 16:12:07.000000", "app_open"),
            Told("2025-06-17 16:42:07.000000", "search"),
            Told("2025-06-17 16:42:07.000000", "deal_viewed"),
            Told("2025-06-17 17:12:06.999999", "deal_viewed"),
        ),
    ),
    Story(
        kind="counted_minutes_mislead",
        why="31 minute marks lie between two events that are 30:00 less a second apart",
        rows=(
            Told("2025-03-12 08:00:59.900000", "app_open"),
            Told("2025-03-12 08:30:58.900000", "product_viewed"),
        ),
    ),
    Story(
        kind="all_at_once",
        why="equal times are put in order by `event_id`; the device is that of the first which has one",
        rows=(
            Told("2025-04-02 19:20:00.000000", "app_open", device=""),
            Told("2025-04-02 19:20:00.000000", "greeting_shown", device=""),
            Told("2025-04-02 19:20:00.000000", "search", device="tablet"),
            Told("2025-04-02 19:20:00.000000", "product_viewed", device="desktop"),
            Told("2025-04-02 19:21:30.500000", "chat_message_sent"),
        ),
    ),
    Story(
        kind="over_midnight",
        why="a session does not end with the day",
        rows=(
            Told("2025-07-31 23:48:10.118000", "app_open"),
            Told("2025-07-31 23:59:59.999999", "chat_message_sent"),
            Told("2025-08-01 00:00:00.000000", "chat_message_sent"),
            Told("2025-08-01 00:21:44.730000", "chat_closed"),
        ),
    ),
    Story(
        kind="over_new_year",
        why="nor with the year",
        rows=(
            Told("2025-12-31 23:41:05.400000", "app_open"),
            Told("2025-12-31 23:57:30.000000", "chat_message_sent"),
            Told("2026-01-01 00:03:12.250000", "chat_message_sent"),
            Told("2026-01-01 00:17:45.000000", "chat_closed"),
        ),
    ),
    Story(
        kind="never_pausing_bot",
        why="30 hours with an event about every ten minutes are one session, unless it is capped",
        rows=tuple(
            Told(
                f"2025-10-{14 + minute // 1440} {minute // 60 % 24:02d}:{minute % 60:02d}:{minute * 7 % 60:02d}.000000",
                "chat_message_sent",
                device="desktop",
            )
            for minute in range(420, 420 + 30 * 60 + 1, 10)
        ),
    ),
    Story(
        kind="only_one_event",
        why="a session of length 0",
        rows=(Told("2025-05-20 12:34:56.789012", "app_open"),),
    ),
    Story(
        kind="late_and_alone",
        why="the person's only event comes weeks late",
        rows=(Told("2025-08-02 07:07:07.000000", "app_open", "2025-09-30 03:00:00"),),
    ),
    Story(
        kind="late_bridge",
        why="a late event turns two sessions into one",
        rows=(
            Told("2025-03-18 10:00:00.000000", "app_open"),
            Told("2025-03-18 10:08:00.000000", "search"),
            Told("2025-03-18 10:52:00.000000", "app_open"),
            Told("2025-03-18 11:01:00.000000", "order_placed"),
            Told("2025-03-18 10:30:00.000000", "deal_viewed", "2025-05-09 04:00:00"),
        ),
    ),
    Story(
        kind="late_near_miss",
        why="a late event between two sessions, exactly 30:00 from the second, joins only the first",
        rows=(
            Told("2025-07-08 14:00:00.000000", "app_open"),
            Told("2025-07-08 14:50:00.000000", "app_open"),
            Told("2025-07-08 14:20:00.000000", "search", "2025-09-12 04:00:00"),
        ),
    ),
    Story(
        kind="late_end",
        why="a late event makes a session longer",
        rows=(
            Told("2025-04-11 20:00:00.000000", "app_open"),
            Told("2025-04-11 20:05:00.000000", "product_viewed"),
            Told("2025-04-11 20:30:00.000000", "order_placed", "2025-06-02 05:00:00"),
        ),
    ),
    Story(
        kind="late_beginning",
        why="a late event becomes the first of a session, which changes its id",
        rows=(
            Told("2025-06-05 09:00:00.000000", "search"),
            Told("2025-06-05 09:03:00.000000", "product_viewed"),
            Told("2025-06-06 21:00:00.000000", "app_open"),
            Told("2025-06-05 08:45:00.000000", "app_open", "2025-09-08 05:00:00", device="desktop"),
        ),
    ),
    Story(
        kind="late_before_everything",
        why="the earliest event of the whole feed comes last; all later sessions of the person are renumbered",
        rows=(
            Told("2025-02-20 18:00:00.000000", "app_open"),
            Told("2025-05-28 18:00:00.000000", "app_open"),
            Told("2025-08-15 18:00:00.000000", "chat_message_sent"),
            Told("2024-12-31 23:59:59.999999", "app_open", "2025-10-01 06:00:00"),
        ),
    ),
    Story(
        kind="corrected_name",
        why="the same event told otherwise, loaded later, wins",
        rows=(
            Told("2025-02-27 13:00:00.000000", "app_open"),
            Told("2025-02-27 13:02:00.000000", "legacy_ping"),
            Told("2025-02-27 13:02:00.000000", "chat_message_sent", "2025-05-15 01:00:00", again=1),
        ),
    ),
    Story(
        kind="corrected_time",
        why="the middle event moves to another day, and its old session falls in two",
        rows=(
            Told("2025-04-22 15:00:00.000000", "app_open"),
            Told("2025-04-22 15:20:00.000000", "search"),
            Told("2025-04-22 15:40:00.000000", "deal_viewed"),
            Told("2025-04-24 15:20:00.000000", "search", "2025-05-15 01:00:00", again=1),
        ),
    ),
    Story(
        kind="corrected_user",
        why="an event was another person's: both have to be told anew",
        rows=(
            Told("2025-07-21 11:00:00.000000", "app_open"),
            Told("2025-07-21 11:10:00.000000", "order_placed"),
            Told("2025-07-21 10:50:00.000000", "app_open", person=1),
            Told("2025-07-21 11:10:00.000000", "order_placed", "2025-09-04 01:00:00", again=1, person=1),
        ),
    ),
    Story(
        kind="stale_replay",
        why="corrected, and then the old row is delivered once more: what was loaded later still wins",
        rows=(
            Told("2025-03-25 17:00:00.000000", "product_viewed", "2025-03-25 18:00:00"),
            Told("2025-03-25 17:00:00.000000", "deal_viewed", "2025-06-20 01:00:00", again=0),
            Told("2025-03-25 17:00:00.000000", "product_viewed", "2025-03-25 18:00:00", again=0, comes_last=True),
        ),
    ),
    Story(
        kind="replayed_months_later",
        why="the same row in the first and in the last file counts once",
        rows=(
            Told("2025-01-16 09:30:00.000000", "chat_message_sent"),
            Told("2025-01-16 09:30:00.000000", "chat_message_sent", again=0, comes_last=True),
        ),
    ),
    Story(
        kind="clock_ahead",
        why="exactly as far after its load as clocks may differ, which is allowed",
        rows=(Told("2025-06-10 12:05:00.000000", "app_open", "2025-06-10 12:00:00"),),
    ),
)

PLANTED_CONFLICTS: tuple[Conflict, ...] = (
    Conflict("admin_status", why="an attribute that changes", earlier="owner", later="admin"),
    Conflict("industry", why="a value that is gone later: the last one known holds", earlier="travel", later=""),
    Conflict("hear_source", why="a value that comes later: no conflict, it was not known", earlier="", later="podcast"),
    Conflict("current_account_status", why="a status the export overwrote in between", earlier="free", later="deleted"),
    Conflict("ig_followerscount", why="a number that grows", earlier="950", later="1020"),
    Conflict("ig_activation_dttm", why="a milestone that moves by 90 minutes", later_by_min=90),
)

# What the rows of `CLIENT_STORIES` say unless told otherwise. Those of an account are empty
# on rows without one.
FIRST_STORY_ACCOUNT = 5_000_000
STORY_CLIENT_COLUMNS = {
    "country_group": "tier2",
    "support_provided": "false",
    "traffic_source": "organic",
}
STORY_ACCOUNT_COLUMNS = {
    "admin_status": "owner",
    "hear_source": "friend",
    "industry": "retail",
    "initial_channel": "instagram",
    "current_account_status": "free",
    "ltv_predicted": "8.00",
}
CLIENT_STORIES: tuple[ClientStory, ...] = (
    ClientStory(
        kind="milestones_before_their_client",
        why="an account moved in from an older product: made, and its channel enabled, days before its client",
        clients=("2025-05-05 12:00:00.000000",),
        accounts=(
            {
                "account_creationdate": "2025-05-02 09:00:00.000000",
                "ig_enable_dttm": "2025-05-02 09:10:00.500000",
                "first_ig_flow_publish_dttm": "2025-05-05 12:09:02.250000",
                "ig_activation_dttm": "2025-05-05 12:20:00.000001",
            },
        ),
        rows=(
            Click("2025-05-05 12:00:08.000000", "onboarding_started"),
            Click("2025-05-05 12:03:30.120000", "builder_opened"),
            Click("2025-05-05 12:09:00.000000", "flow_publish_clicked"),
            Click("2025-05-05 12:20:00.000001", "contact_collected"),
            Click("2025-05-06 08:00:00.000000", "dashboard_opened"),
        ),
    ),
    ClientStory(
        kind="milestones_at_their_events",
        why="each milestone at the very microsecond of an event, and two at that of each other",
        clients=("2025-06-03 10:00:00.000000",),
        accounts=(
            {
                "account_creationdate": "2025-06-03 10:00:00.000000",
                "ig_enable_dttm": "2025-06-03 10:02:00.000123",
                "first_ig_flow_publish_dttm": "2025-06-03 10:15:00.654321",
                "ig_activation_dttm": "2025-06-03 10:40:00.000000",
                "trial_dttm": "2025-06-03 10:40:00.000000",
            },
        ),
        rows=(
            Click("2025-06-03 10:00:00.000000", "onboarding_started"),
            Click("2025-06-03 10:01:00.000000", "tutorial_opened"),
            Click("2025-06-03 10:02:00.000123", "channel_connected"),
            Click("2025-06-03 10:15:00.654321", "flow_publish_clicked"),
            Click("2025-06-03 10:40:00.000000", "contact_collected"),
        ),
        device="mobile",
    ),
    ClientStory(
        kind="milestones_outside_any_session",
        why="activated hours after one session and paid days after the next, with no event near either",
        clients=("2025-03-10 08:00:00.000000",),
        accounts=(
            {
                "account_creationdate": "2025-03-10 08:00:20.000000",
                "ig_enable_dttm": "2025-03-10 08:05:01.000000",
                "first_ig_flow_publish_dttm": "2025-03-10 08:12:03.000000",
                "ig_activation_dttm": "2025-03-10 17:45:00.000000",
                "paid_dttm": "2025-03-17 06:00:00.000000",
                "pro_dttm": "2025-03-17 06:00:00.000000",
            },
        ),
        rows=(
            Click("2025-03-10 08:00:30.000000", "onboarding_started"),
            Click("2025-03-10 08:05:00.000000", "channel_connected"),
            Click("2025-03-10 08:12:00.000000", "flow_publish_clicked"),
            Click("2025-03-11 19:00:00.000000", "dashboard_opened"),
            Click("2025-03-25 19:00:00.000000", "settings_opened"),
        ),
    ),
    ClientStory(
        kind="milestones_half_an_hour_after",
        why="29:59.999999 after the last event is its session, and 30:00.000000 after that one is another",
        clients=("2025-04-15 13:50:00.000000",),
        accounts=(
            {
                "account_creationdate": "2025-04-15 13:50:10.000000",
                "ig_enable_dttm": "2025-04-15 14:29:59.999999",
                "trial_dttm": "2025-04-15 14:59:59.999999",
            },
        ),
        rows=(
            Click("2025-04-15 13:52:00.000000", "pricing_opened"),
            Click("2025-04-15 14:00:00.000000", "trial_clicked"),
        ),
        device="mobile",
    ),
    ClientStory(
        kind="milestone_joins_two_sessions",
        why="two sessions 40 minutes apart are one when a milestone between them is an event",
        clients=("2025-09-02 08:59:00.000000",),
        accounts=(
            {
                "account_creationdate": "2025-09-02 08:59:30.000000",
                "ig_enable_dttm": "2025-09-02 09:25:00.000000",
                "ig_activation_dttm": "2025-09-02 09:50:00.000000",
            },
        ),
        rows=(
            Click("2025-09-02 09:00:00.000000", "builder_opened"),
            Click("2025-09-02 09:05:00.000000", "block_added"),
            Click("2025-09-02 09:45:00.000000", "flow_saved"),
            Click("2025-09-02 09:49:00.000000", "flow_publish_clicked"),
        ),
    ),
    ClientStory(
        kind="milestone_moved",
        why="later rows know of another activation, two days on: it moves to another session",
        clients=("2025-07-01 15:00:00.000000",),
        accounts=(
            {
                "account_creationdate": "2025-07-01 15:00:12.000000",
                "ig_enable_dttm": "2025-07-01 15:04:01.000000",
                "first_ig_flow_publish_dttm": "2025-07-01 15:10:02.000000",
                "ig_activation_dttm": "2025-07-01 15:11:00.000000",
            },
        ),
        rows=(
            Click("2025-07-01 15:00:30.000000", "onboarding_started"),
            Click("2025-07-01 15:04:00.000000", "channel_connected"),
            Click("2025-07-01 15:10:00.000000", "flow_publish_clicked"),
            Click(
                "2025-07-03 11:00:00.000000",
                "contact_collected",
                says={"ig_activation_dttm": "2025-07-03 11:00:00.350000"},
            ),
            Click(
                "2025-07-03 11:02:00.000000",
                "dashboard_opened",
                says={"ig_activation_dttm": "2025-07-03 11:00:00.350000"},
            ),
        ),
    ),
    ClientStory(
        kind="milestone_removed",
        why="later rows know of no payment: the last one known holds",
        clients=("2025-08-04 09:00:00.000000",),
        accounts=(
            {
                "account_creationdate": "2025-08-04 09:00:15.000000",
                "trial_dttm": "2025-08-04 09:03:05.000000",
                "pro_dttm": "2025-08-04 09:03:03.000000",
                "paid_dttm": "2025-08-04 09:20:00.000000",
            },
        ),
        rows=(
            Click("2025-08-04 09:01:00.000000", "pricing_opened"),
            Click("2025-08-04 09:03:00.000000", "trial_clicked"),
            Click("2025-08-04 09:19:00.000000", "checkout_opened"),
            Click(
                "2025-08-05 10:00:00.000000",
                "dashboard_opened",
                says={"paid_dttm": "", "current_account_status": "trial"},
            ),
        ),
    ),
    ClientStory(
        kind="client_attributes_disagree",
        why="country, source and device of a client change, in the middle of a session and after it",
        clients=("2025-02-20 20:00:00.000000",),
        accounts=(
            {"account_creationdate": "2025-02-20 20:00:09.000000"},
            {"account_creationdate": "2025-02-21 20:30:00.000000", "industry": "fitness"},
        ),
        rows=(
            Click("2025-02-20 20:00:20.000000", "onboarding_started", says={"first_device_type_of_user": "mobile"}),
            Click("2025-02-20 20:01:20.000000", "tutorial_opened", says={"traffic_source": "ads"}),
            Click("2025-02-21 20:31:00.000000", "builder_opened", account=2, says={"country_group": "tier3"}),
            Click(
                "2025-02-21 20:33:00.000000", "block_added", account=2, says={"country_group": "", "industry": "beauty"}
            ),
        ),
    ),
    ClientStory(
        kind="account_handed_over",
        why="an account that is another client's in its later rows: it is theirs, its events stay where they were",
        clients=("2025-01-20 10:00:00.000000", "2025-01-22 10:00:00.000000"),
        accounts=(
            {
                "account_creationdate": "2025-01-20 10:01:00.000000",
                "ig_enable_dttm": "2025-01-20 10:05:02.000000",
                "first_ig_flow_publish_dttm": "2025-01-22 10:20:01.000000",
                "ig_activation_dttm": "2025-01-22 10:31:00.000000",
            },
        ),
        rows=(
            Click("2025-01-20 10:00:30.000000", "onboarding_started", account=0),
            Click("2025-01-20 10:05:00.000000", "channel_connected"),
            Click("2025-01-22 10:00:10.000000", "builder_opened", client=2),
            Click("2025-01-22 10:20:00.000000", "flow_publish_clicked", client=2),
            Click("2025-01-22 10:31:00.000000", "contact_collected", client=2),
        ),
    ),
    ClientStory(
        kind="client_without_creation_date",
        why="the export does not know since when the client is there, so it can be called neither old nor new",
        clients=("",),
        accounts=(
            {"account_creationdate": "2025-05-20 07:00:00.000000", "ig_enable_dttm": "2025-05-20 07:04:01.000000"},
        ),
        rows=(
            Click("2025-05-20 07:00:30.000000", "onboarding_started"),
            Click("2025-05-20 07:04:00.000000", "channel_connected"),
        ),
    ),
    ClientStory(
        kind="client_without_device",
        why="the export does not know the device",
        clients=("2025-10-06 12:00:00.000000",),
        accounts=(
            {
                "account_creationdate": "2025-10-06 12:00:14.000000",
                "ig_enable_dttm": "2025-10-06 12:05:01.000000",
                "first_ig_flow_publish_dttm": "2025-10-06 12:14:02.000000",
                "ig_activation_dttm": "2025-10-06 12:15:30.350000",
            },
        ),
        rows=(
            Click("2025-10-06 12:00:30.000000", "onboarding_started"),
            Click("2025-10-06 12:05:00.000000", "channel_connected"),
            Click("2025-10-06 12:10:00.000000", "builder_opened"),
            Click("2025-10-06 12:14:00.000000", "flow_publish_clicked"),
            Click("2025-10-06 12:15:30.000000", "contact_collected"),
        ),
        device="",
    ),
    ClientStory(
        kind="pro_after_its_trial",
        why="pro a microsecond after the trial is not followed by it, and so is no side effect",
        clients=("2025-06-20 16:00:00.000000",),
        accounts=(
            {
                "account_creationdate": "2025-06-20 16:00:11.000000",
                "trial_dttm": "2025-06-20 16:02:05.000000",
                "pro_dttm": "2025-06-20 16:02:05.000001",
                "paid_dttm": "2025-06-20 16:02:04.000000",
            },
        ),
        rows=(
            Click("2025-06-20 16:00:40.000000", "pricing_opened"),
            Click("2025-06-20 16:01:00.000000", "checkout_opened"),
            Click("2025-06-20 16:02:00.000000", "trial_clicked"),
        ),
        device="mobile",
    ),
    ClientStory(
        kind="three_accounts",
        why="the second account activates in the first session, the first one in the second, the third never",
        clients=("2025-09-15 09:00:00.000000",),
        accounts=(
            {
                "account_creationdate": "2025-09-15 09:00:10.000000",
                "ig_enable_dttm": "2025-09-15 09:03:01.000000",
                "first_ig_flow_publish_dttm": "2025-09-16 18:10:02.000000",
                "ig_activation_dttm": "2025-09-16 18:20:00.350000",
            },
            {
                "account_creationdate": "2025-09-15 09:10:00.000000",
                "ig_enable_dttm": "2025-09-15 09:12:01.000000",
                "first_ig_flow_publish_dttm": "2025-09-15 09:20:02.000000",
                "ig_activation_dttm": "2025-09-15 09:25:00.350000",
                "industry": "education",
            },
            {"account_creationdate": "2025-09-16 18:30:00.000000", "industry": ""},
        ),
        rows=(
            Click("2025-09-15 09:00:20.000000", "onboarding_started"),
            Click("2025-09-15 09:03:00.000000", "channel_connected"),
            Click("2025-09-15 09:12:00.000000", "channel_connected", account=2),
            Click("2025-09-15 09:20:00.000000", "flow_publish_clicked", account=2),
            Click("2025-09-15 09:25:00.000000", "contact_collected", account=2),
            Click("2025-09-16 18:10:00.000000", "flow_publish_clicked"),
            Click("2025-09-16 18:20:00.000000", "contact_collected"),
            Click("2025-09-16 18:30:30.000000", "builder_opened", account=3),
        ),
    ),
    ClientStory(
        kind="contacts_one_by_one",
        why="contacts without an activation date: the first after an hour, the others 1, 5, 13 and 40 days on",
        clients=("2025-05-12 10:00:00.000000",),
        accounts=(
            {
                "account_creationdate": "2025-05-12 10:00:10.000000",
                "ig_enable_dttm": "2025-05-12 10:04:01.000000",
                "first_ig_flow_publish_dttm": "2025-05-12 10:12:02.000000",
            },
        ),
        rows=(
            Click("2025-05-12 10:00:30.000000", "onboarding_started"),
            Click("2025-05-12 10:04:00.000000", "channel_connected"),
            Click("2025-05-12 10:12:00.000000", "flow_publish_clicked"),
            Click("2025-05-12 11:12:00.000000", "contact_collected"),
            Click("2025-05-13 11:00:00.000000", "contact_collected"),
            Click("2025-05-17 12:00:00.000000", "contact_collected"),
            Click("2025-05-25 13:00:00.000000", "contact_collected"),
            Click("2025-06-21 14:00:00.000000", "contact_collected"),
        ),
    ),
    ClientStory(
        kind="activated_late",
        why="activated three months after its creation: ever, but not in time",
        clients=("2025-03-03 18:00:00.000000",),
        accounts=(
            {
                "account_creationdate": "2025-03-03 18:00:10.000000",
                "ig_enable_dttm": "2025-06-05 10:04:01.000000",
                "first_ig_flow_publish_dttm": "2025-06-05 10:12:02.000000",
                "ig_activation_dttm": "2025-06-05 10:20:00.350000",
            },
        ),
        rows=(
            Click("2025-03-03 18:00:30.000000", "onboarding_started"),
            Click("2025-03-03 18:02:00.000000", "tutorial_opened"),
            Click("2025-06-05 10:00:00.000000", "dashboard_opened"),
            Click("2025-06-05 10:04:00.000000", "channel_connected"),
            Click("2025-06-05 10:12:00.000000", "flow_publish_clicked"),
            Click("2025-06-05 10:20:00.000000", "contact_collected"),
        ),
    ),
    ClientStory(
        kind="activated_before_its_account",
        why="an activation taken over from another account is older than the account itself",
        clients=("2025-11-03 09:00:00.000000",),
        accounts=(
            {
                "account_creationdate": "2025-11-03 09:10:00.000000",
                "ig_enable_dttm": "2025-11-03 09:01:00.000000",
                "ig_activation_dttm": "2025-11-03 09:05:00.000000",
            },
        ),
        rows=(
            Click("2025-11-03 09:00:30.000000", "onboarding_started", account=0),
            Click("2025-11-03 09:10:20.000000", "dashboard_opened"),
        ),
        device="mobile",
    ),
    ClientStory(
        kind="to_the_microsecond",
        why="seven days after an account's creation, 60 s after an event, and each a microsecond more",
        clients=("2025-10-13 08:00:00.000000",),
        accounts=(
            {
                "account_creationdate": "2025-10-13 08:00:10.000000",
                "ig_enable_dttm": "2025-10-13 08:05:00.000000",
                "ig_activation_dttm": "2025-10-20 08:00:10.000000",
            },
            {
                "account_creationdate": "2025-10-13 08:10:00.000000",
                "ig_enable_dttm": "2025-10-13 08:16:00.000001",
                "ig_activation_dttm": "2025-10-20 08:10:00.000001",
            },
        ),
        rows=(
            Click("2025-10-13 08:00:30.000000", "onboarding_started"),
            Click("2025-10-13 08:04:00.000000", "channel_connected"),
            Click("2025-10-13 08:15:00.000000", "channel_connected", account=2),
            Click("2025-10-20 08:00:10.000000", "contact_collected"),
            Click("2025-10-20 08:10:00.000001", "contact_collected", account=2),
        ),
    ),
    ClientStory(
        kind="back_after_a_day",
        why="two clients connect a channel and are back 24 hours after, the one exactly, the other a microsecond later",
        clients=("2025-10-27 09:00:00.000000", "2025-10-27 09:00:00.000000"),
        accounts=(
            {"account_creationdate": "2025-10-27 09:00:10.000000", "ig_enable_dttm": "2025-10-27 09:04:01.000000"},
            {"account_creationdate": "2025-10-27 09:00:10.000000", "ig_enable_dttm": "2025-10-27 09:04:01.000000"},
        ),
        rows=(
            Click("2025-10-27 09:00:30.000000", "onboarding_started"),
            Click("2025-10-27 09:00:30.000000", "onboarding_started", account=2, client=2),
            Click("2025-10-27 09:04:00.000000", "channel_connected"),
            Click("2025-10-27 09:04:00.000000", "channel_connected", account=2, client=2),
            Click("2025-10-27 09:05:00.000000", "settings_opened"),
            Click("2025-10-27 09:05:00.000000", "settings_opened", account=2, client=2),
            Click("2025-10-28 09:05:00.000000", "dashboard_opened"),
            Click("2025-10-28 09:05:00.000001", "dashboard_opened", account=2, client=2),
        ),
        device="mobile",
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


# -------------------------------------------------------------------------- chat events


@dataclass(frozen=True)
class ChatRows:
    """Rows of the chat feed, one array element each."""

    event_id: Texts
    user: Ints  # index into Users
    name: Ints  # index into CHAT_EVENTS
    at: Ints  # microseconds since 1970, UTC
    at_text: Texts
    device: Ints  # index into DEVICES
    loaded_at: Ints
    says_loaded_at: Bools
    part: Ints  # which file, from 0
    outcome: Texts

    def __len__(self) -> int:
        return len(self.user)

    def rows(self, which: Ints | Bools) -> ChatRows:
        return ChatRows(**{name: values[which] for name, values in vars(self).items()})


def joined(several: Sequence[ChatRows]) -> ChatRows:
    return ChatRows(**{name: np.concatenate([vars(rows)[name] for rows in several]) for name in vars(several[0])})


def chat_events(world: World, stream: Stream) -> Iterator[tuple[str, Iterator[Chunk]]]:
    """One event of the chat app a row, in the files it was loaded with."""
    parts = chat_parts(world)
    regular = chat_app_events(world)
    regular, corrections = chat_corrections(regular, stream.child("corrections"), parts)
    stories = chat_stories(world, stream.child("stories"), parts)
    told = joined([regular, corrections, stories])
    told = told.rows(np.lexsort((told.at, told.loaded_at, told.part)))
    for part in range(parts):
        rows = told.rows(told.part == part)
        if part:
            before = told.rows(np.flatnonzero(told.part == part - 1)[-REPLAYED_ROWS:])
            again = np.where(before.outcome == "rejected", "rejected", "duplicate").astype(object)
            rows = joined([replace(before, outcome=again), rows])
        yield f"part-{part + 1:0{len(str(parts))}d}", chat_chunks(world, rows)


def chat_parts(world: World) -> int:
    return max(CHAT_PARTS, min(CHAT_PARTS_MAX, round(CHAT_PARTS * world.scale)))


def chat_app_events(world: World) -> ChatRows:
    """What people do in the chat app, before anything of it is corrected; stories apart."""
    return chat_bursts(world, Stream(world.seed, "feed", "chat_events", "bursts"), chat_parts(world))


def early_chatters(world: World, events: ChatRows, since: Ints) -> Ints:
    """Who of those who signed up within the year sends a message within EARLY_CHAT_DAYS after their own moment."""
    passed = events.at - since[events.user]
    counts = (events.name == CHAT_EVENTS.index("chat_message_sent")) & (passed >= 0)
    counts &= (passed < EARLY_CHAT_DAYS * DAY_US) & (world.users.signed_up_at[events.user] >= YEAR_START_US)
    return np.unique(events.user[counts])


def chat_chunks(world: World, told: ChatRows) -> Iterator[Chunk]:
    for rows in slices(len(told)):
        part = told.rows(np.arange(rows.start, rows.stop))
        yield {
            "event_id": part.event_id.tolist(),
            "user_id": world.users.user_id[part.user].tolist(),
            "event_name": [CHAT_EVENTS[name] for name in part.name.tolist()],
            "event_at": part.at_text.tolist(),
            "device_type": [DEVICES[device] for device in part.device.tolist()],
            "loaded_at": blanked(whole_seconds(part.loaded_at), ~part.says_loaded_at),
            OUTCOME: part.outcome.tolist(),
        }


def part_edge(part: int | Ints, parts: int) -> Ints:
    """When the loading of a part begins."""
    return np.asarray(YEAR_START_US + DAYS * DAY_US * np.asarray(part) // parts, dtype=np.int64)


def part_of(loaded_at: Ints, parts: int) -> Ints:
    edges = part_edge(np.arange(1, parts), parts)
    return np.searchsorted(edges, loaded_at, side="right").astype(np.int64)


def next_hour(at: Ints) -> Ints:
    """Events are loaded every hour."""
    return (at // HOUR_US + 1) * HOUR_US


def is_client(world: World) -> Bools:
    """People who build chats with the product, next to taking part in them.

    Spread evenly over those who sign up within the year, so that their share is the same at any scale.
    """
    newcomers = world.users.signed_up_at >= YEAR_START_US
    start = Stream(world.seed, "world", "clients").uniform(1)[0]
    clients_so_far = np.floor(start + CLIENT_SHARE * np.cumsum(newcomers))
    return newcomers & (np.diff(clients_so_far, prepend=0.0) > 0)


def story_people(world: World) -> Ints:
    """Long-standing users, each of whom plays one person of one story."""
    users = world.users
    stays = (users.signed_up_at < YEAR_START_US) & (users.left_at > YEAR_END_US + DAY_US)
    found = np.flatnonzero(stays & users.chats)
    return np.resize(found if len(found) else np.arange(len(users)), 2 * len(PLANTED_STORIES))


def chat_bursts(world: World, stream: Stream, parts: int) -> ChatRows:
    users, visits = world.users, world.visits
    n = len(users)
    takes_part = stream.child("people").happens(CHAT_PEOPLE_SHARE, n)
    takes_part &= ~is_client(world) | stream.child("clients").happens(CHAT_CLIENT_SHARE, n)
    takes_part[story_people(world)] = False

    delay = CHAT_DELAY_MEDIAN_S * np.exp(CHAT_DELAY_SIGMA * stream.child("delay").normal(n))
    newcomers = np.flatnonzero(takes_part & (users.signed_up_at >= YEAR_START_US))
    first_at = users.signed_up_at[newcomers] + delay.astype(np.int64)[newcomers] * 1_000_000
    later = stream.child("later").happens(CHAT_LATER_SHARE, len(visits)) & takes_part[visits.user]
    lead = (stream.child("lead").uniform(len(visits)) * CHAT_LEAD_S).astype(np.int64) * 1_000_000
    later_at = np.maximum(visits.started_at - lead, users.signed_up_at[visits.user])[later]
    burst_user = np.concatenate([newcomers, visits.user[later]])
    burst_at = np.concatenate([first_at, later_at])
    inside = burst_at < YEAR_END_US
    return burst_rows(world, stream, burst_user[inside], burst_at[inside], parts)


def burst_rows(world: World, stream: Stream, burst_user: Ints, burst_at: Ints, parts: int) -> ChatRows:
    """The events of bursts that begin at those times."""
    bursts = len(burst_user)
    chats = stream.child("chatty").happens(CHATTY_SHARE, bursts) & world.users.chats[burst_user]
    median = np.where(chats, BURST_MEDIAN[True], BURST_MEDIAN[False])
    further = median * np.exp(BURST_SIGMA * stream.child("length").normal(bursts))
    count = 1 + np.minimum(further.astype(np.int64), BURST_MAX - 1)
    burst = np.repeat(np.arange(bursts), count)
    n = len(burst)
    position = np.arange(n) - np.repeat(np.cumsum(count) - count, count)

    browsing = stream.child("browsing").pick(BROWSING_WEIGHTS, n)
    chatting = stream.child("chatting").pick(CHATTING_WEIGHTS, n)
    name = np.where(chats[burst], chatting, browsing)
    greeted = stream.child("greeted").happens(GREETED_SHARE, bursts)
    name[(position == 1) & greeted[burst]] = CHAT_EVENTS.index("greeting_shown")
    name[(position > 3) & (position == count[burst] - 1) & chats[burst]] = CHAT_EVENTS.index("chat_closed")
    name[position == 0] = CHAT_EVENTS.index("app_open")

    seconds = EVENT_GAP_MEDIAN_S * np.exp(EVENT_GAP_SIGMA * stream.child("gap").normal(n))
    gap = np.minimum(seconds, EVENT_GAP_MAX_S).astype(np.int64) * 1_000_000
    gap += (stream.child("fraction").bits(n) % np.uint64(1_000_000)).astype(np.int64)
    gap[stream.child("tie").happens(TIE_SHARE, n)] = 0
    gap[position == 0] = 0
    elapsed = np.cumsum(gap)
    at = burst_at[burst] + elapsed - elapsed[position == 0][burst]

    own = stream.child("own_device").pick(DEVICE_WEIGHTS, len(world.users))[burst_user]
    other = stream.child("other_device").pick(DEVICE_WEIGHTS, bursts)
    device = np.where(stream.child("elsewhere").happens(OTHER_DEVICE_SHARE, bursts), other, own)[burst]
    device[stream.child("no_device").happens(NO_DEVICE_SHARE, n)] = DEVICES.index("")

    loaded_at = next_hour(at)
    late = stream.child("late").happens(LATE_SHARE, n) & (part_of(loaded_at, parts) < parts - 1)
    comes_at = load_in_next_part(stream.child("comes"), part_of(loaded_at, parts), parts)
    loaded_at = np.where(late, comes_at, loaded_at)
    return ChatRows(
        event_id=as_texts(stream.child("event_id").uuids(n)),
        user=burst_user[burst],
        name=name,
        at=at,
        at_text=as_texts(timestamps(stream.child("style"), at)),
        device=device,
        loaded_at=loaded_at,
        says_loaded_at=late | ~stream.child("unloaded").happens(NO_LOADED_AT_SHARE, n),
        part=part_of(loaded_at, parts),
        outcome=as_texts(["accepted"] * n),
    )


def load_in_next_part(stream: Stream, part: Ints, parts: int) -> Ints:
    """A load within the first ten days of the following file."""
    hours = 1 + (stream.uniform(len(part)) * 240).astype(np.int64)
    return part_edge(part + 1, parts) // HOUR_US * HOUR_US + hours * HOUR_US


def chat_corrections(regular: ChatRows, stream: Stream, parts: int) -> tuple[ChatRows, ChatRows]:
    """Some events told again with another device, half of them also seconds later.

    With them comes what was told before, where these events are now rejected.
    """
    chosen = stream.child("chosen").happens(CORRECTED_SHARE, len(regular))
    chosen &= (regular.part < parts - 1) & regular.says_loaded_at
    old = regular.rows(chosen)
    moved = stream.child("moved").happens(0.5, len(old))
    at = old.at + np.where(moved, 2_000_000, 0)
    loaded_at = load_in_next_part(stream.child("comes"), old.part, parts)
    corrected = replace(
        old,
        at=at,
        at_text=as_texts(timestamps(stream.child("style"), at)),
        device=(old.device + 1) % len(DEVICES),
        loaded_at=loaded_at,
        part=part_of(loaded_at, parts),
    )
    return replace(regular, outcome=np.where(chosen, "rejected", regular.outcome).astype(object)), corrected


def chat_stories(world: World, stream: Stream, parts: int) -> ChatRows:
    """The rows of `PLANTED_STORIES`."""
    people = story_people(world)
    several = []
    for number, story in enumerate(PLANTED_STORIES):
        told = story.rows
        at = np.array([row.at for row in told], dtype="datetime64[us]").astype(np.int64)
        given = np.array([row.loaded_at or "NaT" for row in told], dtype="datetime64[us]")
        loaded_at = np.where(np.isnat(given), next_hour(at), given.astype(np.int64))
        ids = stream.child(story.kind).uuids(len(told))
        part = part_of(loaded_at, parts)
        part[[row.comes_last for row in told]] = parts - 1
        several.append(
            ChatRows(
                event_id=as_texts([ids[i if row.again is None else row.again] for i, row in enumerate(told)]),
                user=people[[2 * number + row.person for row in told]],
                name=np.array([CHAT_EVENTS.index(row.name) for row in told]),
                at=at,
                at_text=as_texts([row.at for row in told]),
                device=np.array([DEVICES.index(row.device) for row in told]),
                loaded_at=loaded_at,
                says_loaded_at=np.ones(len(told), dtype=np.bool_),
                part=part,
                outcome=as_texts(story_outcomes(told)),
            )
        )
    return joined(several)


def story_outcomes(told: Sequence[Told]) -> list[str]:
    """Of rows about one event the one loaded last counts; its likes are duplicates."""
    outcomes = []
    for i, row in enumerate(told):
        event = i if row.again is None else row.again
        same = [j for j, other in enumerate(told) if j == event or other.again == event]
        # The last of equals, as `max` would take the first.
        winner = max(reversed(same), key=lambda j: told[j].loaded_at)
        alike = replace(row, again=None, comes_last=False) == replace(told[winner], again=None, comes_last=False)
        outcomes.append("accepted" if i == winner else "duplicate" if alike else "rejected")
    return outcomes


def as_texts(values: Sequence[str]) -> Texts:
    texts = np.empty(len(values), dtype=object)
    texts[:] = values
    return texts


def whole_seconds(at: Ints) -> list[str]:
    iso = np.datetime_as_string(at.astype("datetime64[us]"), unit="s").tolist()
    return [text.replace("T", " ") for text in iso]


# -------------------------------------------------------------------- onboarding events

MISSING = np.iinfo(np.int64).min  # a milestone that was not reached


@dataclass(frozen=True)
class Accounts:
    """The accounts that clients build their chats with, one array element each."""

    client: Ints  # index into Clients
    number: Ints  # 0 for a client's first account
    created_at: Ints
    behaviour: Ints  # index into BEHAVIOURS
    exists: Bools  # false: the client left before it was made

    def __len__(self) -> int:
        return len(self.client)


@dataclass(frozen=True)
class Clients:
    """People who build chats."""

    client_id: Texts
    created_at: Ints
    begins_at: Ints  # when their first account begins
    is_mobile: Bools

    def __len__(self) -> int:
        return len(self.client_id)


@dataclass
class Log:
    """Interface events as they come to be, by account."""

    account: list[Ints] = field(default_factory=list)
    name: list[Texts] = field(default_factory=list)
    at: list[Ints] = field(default_factory=list)

    def add(self, account: Ints, name: str, at: Ints) -> None:
        self.account.append(account)
        self.name.append(as_texts([name] * len(account)))
        self.at.append(at)

    def first(self, name: str, accounts: int) -> Ints:
        """When each account first had that event, if ever."""
        found = np.full(accounts, MISSING)
        for account, names, at in zip(self.account, self.name, self.at, strict=True):
            if len(names) and names[0] == name:
                earlier = np.where(found[account] == MISSING, at, np.minimum(at, found[account]))
                found[account] = earlier
        return found


def onboarding_events(world: World, stream: Stream) -> Iterator[Chunk]:
    """One interface event of a chat builder a row, in order of time."""
    clients = make_clients(world, stream.child("clients"))
    accounts = make_accounts(clients, stream.child("accounts"))
    log = interface_events(accounts, stream.child("interface"))
    milestones = make_milestones(clients, accounts, log, stream.child("milestones"))
    add_contacts(log, milestones["ig_activation_dttm"], stream.child("contacts"))

    account, name, at = (np.concatenate(values) for values in (log.account, log.name, log.at))
    inside = at < YEAR_END_US
    account, name, at = account[inside], name[inside], at[inside]
    twice = 1 + stream.child("twice").happens(REPEATED_SHARE, len(at))
    account, name, at = (np.repeat(values, twice) for values in (account, name, at))
    order = np.lexsort((account, at))
    account, name, at = account[order], name[order], at[order]

    attributes = account_attributes(clients, accounts, milestones, stream.child("attributes"))
    columns = {column: values[account] for column, values in attributes.items()}
    columns["event_name"] = name
    columns["event_dttm"] = as_texts(timestamps(stream.child("style"), at))
    put_conflicts(columns, account, accounts)

    told, told_at = client_stories(stream.child("stories"))
    at = np.concatenate([at, told_at])
    order = np.argsort(at, kind="stable")
    columns = {name: np.concatenate([values, told[name]])[order] for name, values in columns.items()}
    for rows in slices(len(at)):
        yield {column: values[rows].tolist() for column, values in columns.items()}


def make_clients(world: World, stream: Stream) -> Clients:
    users = world.users
    who = np.flatnonzero(is_client(world))
    old = np.array(OLD_CLIENTS, dtype="datetime64[us]").astype(np.int64)
    old_begin = YEAR_START_US + (40 + 25 * np.arange(len(old))) * DAY_US + 37_123_456_789
    n = len(who) + len(old)
    return Clients(
        client_id=np.concatenate([users.user_id[who], as_texts(stream.child("old").uuids(len(old)))]),
        created_at=np.concatenate([users.signed_up_at[who], old]),
        begins_at=np.concatenate([users.signed_up_at[who], old_begin]),
        is_mobile=stream.child("mobile").happens(MOBILE_SHARE, n),
    )


def make_accounts(clients: Clients, stream: Stream) -> Accounts:
    count = 1 + stream.child("count").pick(MORE_ACCOUNTS, len(clients))
    client = np.repeat(np.arange(len(clients)), count)
    number = np.arange(len(client)) - np.repeat(np.cumsum(count) - count, count)
    behaviour = stream.child("behaviour").pick([b.share for b in BEHAVIOURS], len(client))
    builder_first = [b.name for b in BEHAVIOURS].index("builder_first")
    behaviour = np.where(number > 0, builder_first, behaviour)
    after = 8.0 + stream.child("after").exponential(np.full(len(client), 20.0))
    days_later = stream.child("days_later").exponential(number * 12.0) + number
    wait = after.astype(np.int64) + (days_later * 86_400).astype(np.int64)
    fraction = (stream.child("fraction").bits(len(client)) % np.uint64(1_000_000)).astype(np.int64)
    created_at = clients.begins_at[client] + wait * 1_000_000 + fraction
    bounced = behaviour == [b.name for b in BEHAVIOURS].index("bounced")
    left = stream.child("left").happens(NO_ACCOUNT_SHARE, len(client)) & bounced
    return Accounts(client, number, created_at, behaviour, exists=~left)


def interface_events(accounts: Accounts, stream: Stream) -> Log:
    """Up to three sessions an account. Who left before it was made does not return."""
    log = Log()
    ended_at = accounts.created_at.copy()
    comes_again = accounts.exists.copy()
    returns = np.array([b.returns for b in BEHAVIOURS])[accounts.behaviour]
    for number, behaviour in enumerate(BEHAVIOURS):
        who = np.flatnonzero(accounts.behaviour == number)
        child = stream.child(behaviour.name)
        unconnected = np.zeros(len(who), dtype=np.bool_)
        ended_at[who] = play(log, behaviour.first_session, who, accounts.created_at[who], unconnected, child)
    for name, script, days in (
        ("second", SECOND_SESSION, SECOND_SESSION_DAYS),
        ("third", THIRD_SESSION, THIRD_SESSION_DAYS),
    ):
        child = stream.child(name)
        comes_again &= child.child("comes").uniform(len(accounts)) < returns
        pause = SESSION_PAUSE_S + 86_400 * child.child("pause").exponential(np.full(len(accounts), days))
        who = np.flatnonzero(comes_again)
        begins = ended_at[who] + pause.astype(np.int64)[who] * 1_000_000
        connected = log.first("channel_connected", len(accounts))[who] != MISSING
        ended_at[who] = play(log, script, who, begins, connected, child)
    play_trial_ends(log, accounts, stream.child("trial end"))
    return log


def play_trial_ends(log: Log, accounts: Accounts, stream: Stream) -> None:
    """Who tried the paid plan looks at it once more before the trial is over."""
    tried_at = log.first("trial_clicked", len(accounts))
    who = np.flatnonzero(tried_at != MISSING)
    pause = 86_400 * (TRIAL_DAYS + stream.child("pause").exponential(np.full(len(who), TRIAL_END_DAYS)))
    begins = tried_at[who] + pause.astype(np.int64) * 1_000_000
    play(log, TRIAL_END_SESSION, who, begins, np.ones(len(who), dtype=np.bool_), stream)


def play(log: Log, script: Sequence[Step], who: Ints, begins: Ints, connected: Bools, stream: Stream) -> Ints:
    """Write a session of these accounts down and return when it ended.

    Whose channel is connected does not connect it again.
    """
    at = begins.copy()
    took = np.ones(len(who), dtype=np.bool_)
    for number, step in enumerate(script):
        child = stream.child(f"step {number}")
        takes = child.child("takes").happens(step.share, len(who))
        if step.name.startswith("channel_"):
            takes &= ~connected
        took = takes & took if step.follows else takes
        seconds = step.seconds * np.exp(STEP_SIGMA * child.child("seconds").normal(len(who)))
        gap = np.minimum(seconds, STEP_MAX_S).astype(np.int64) * 1_000_000
        gap += (child.child("fraction").bits(len(who)) % np.uint64(1_000_000)).astype(np.int64)
        at = np.where(took, at + gap, at)
        log.add(who[took], step.name, at[took])
    return at


def make_milestones(clients: Clients, accounts: Accounts, log: Log, stream: Stream) -> dict[str, Ints]:
    """When each account reached what, shortly after the event that stands for it."""
    n = len(accounts)

    def after(cause: Ints, name: str, median_s: float, sigma: float, share: float | Floats = 1.0) -> Ints:
        child = stream.child(name)
        seconds = median_s * np.exp(sigma * child.child("seconds").normal(n))
        wait = seconds.astype(np.int64) * 1_000_000
        wait += (child.child("fraction").bits(n) % np.uint64(1_000_000)).astype(np.int64)
        reached = (cause != MISSING) & (child.child("reached").uniform(n) < share)
        return np.where(reached & (cause + wait < YEAR_END_US), cause + wait, MISSING)

    enabled = after(log.first("channel_connected", n), "enabled", 1.5, 0.5)
    clicked = log.first("flow_publish_clicked", n)
    publishable = np.where((enabled != MISSING) & (clicked >= enabled), clicked, MISSING)
    published = after(publishable, "published", 2.0, 0.6, PUBLISH_SUCCEEDS)
    activates = np.array([b.activates for b in BEHAVIOURS])[accounts.behaviour]
    activates = activates * np.where(clients.is_mobile[accounts.client], MOBILE_ACTIVATION, 1.0)
    activated = after(published, "activated", ACTIVATION_MEDIAN_S, ACTIVATION_SIGMA, activates)
    trial = after(log.first("trial_clicked", n), "trial", 5.0, 0.3, TRIAL_SUCCEEDS)
    paid = after(log.first("checkout_opened", n), "paid", 60.0, 0.6, PAYMENT_SUCCEEDS)

    on_trial = np.flatnonzero(trial != MISSING)
    before = 300_000 + (stream.child("pro").uniform(len(on_trial)) * 3_000_000).astype(np.int64)
    planted = np.array(PRO_BEFORE_TRIAL_US[: len(on_trial)], dtype=np.int64)
    before[: len(planted)] = planted
    pro = np.where(paid != MISSING, paid + 2_000_000, MISSING)  # bought without a trial
    pro[on_trial] = trial[on_trial] - before
    account = np.where(accounts.exists, accounts.created_at, MISSING)
    return {
        "client_creationdate": clients.created_at[accounts.client],
        "account_creationdate": account,
        "ig_enable_dttm": enabled,
        "ig_activation_dttm": activated,
        "first_ig_flow_publish_dttm": published,
        "trial_dttm": trial,
        "paid_dttm": paid,
        "pro_dttm": pro,
    }


def add_contacts(log: Log, activated_at: Ints, stream: Stream) -> None:
    """The first contact activates an account; more may come in the days after."""
    active = np.flatnonzero(activated_at != MISSING)
    log.add(active, "contact_collected", activated_at[active] - 350_000)
    more = stream.child("more").poisson(np.full(len(active), CONTACTS_MEAN))
    who = np.repeat(active, more)
    days = stream.child("days").exponential(np.full(len(who), CONTACT_DAYS))
    fraction = (stream.child("fraction").bits(len(who)) % np.uint64(1_000_000)).astype(np.int64)
    log.add(who, "contact_collected", activated_at[who] + (days * 86_400).astype(np.int64) * 1_000_000 + fraction)


def account_attributes(
    clients: Clients, accounts: Accounts, milestones: Mapping[str, Ints], stream: Stream
) -> dict[str, Texts]:
    """Every column that an account, or its client, repeats on each of its rows."""
    n = len(accounts)
    columns = {"client_id": clients.client_id[accounts.client]}
    for name, choices in CLIENT_COLUMNS.items():
        columns[name] = drawn(stream.child(name), choices, len(clients))[accounts.client]
    mobile = as_texts(["mobile" if is_mobile else "desktop" for is_mobile in clients.is_mobile.tolist()])
    columns["first_device_type_of_user"] = mobile[accounts.client]
    for name, choices in ACCOUNT_COLUMNS.items():
        columns[name] = drawn(stream.child(name), choices, n)
    columns["account_id"] = as_texts(whole(4_000_001 + np.arange(n)))
    columns["first_account_for_user"] = as_texts(["true" if k == 0 else "false" for k in accounts.number.tolist()])

    reached = {name: at != MISSING for name, at in milestones.items()}
    status = np.where(reached["trial_dttm"], "trial", "free")
    status = np.where(reached["paid_dttm"], "pro", status)
    status = np.where(stream.child("deleted").happens(0.06, n), "deleted", status)
    columns["current_account_status"] = as_texts(status.tolist())
    followers = np.exp(6.7 + 1.3 * stream.child("followers").normal(n)).astype(np.int64)
    columns["ig_followerscount"] = as_texts(blanked(whole(followers), ~reached["ig_enable_dttm"]))
    value = 4.0 + 14.0 * reached["ig_activation_dttm"] + 90.0 * reached["paid_dttm"]
    ltv = value * np.exp(0.6 * stream.child("ltv").normal(n))
    columns["ltv_predicted"] = as_texts(blanked(hundredths(ltv), stream.child("no_ltv").happens(0.1, n)))
    for name, at in milestones.items():
        columns[name] = as_texts(moments(at))
    of_account = [*ACCOUNT_COLUMNS, "account_id", "first_account_for_user", "current_account_status", "ltv_predicted"]
    for name in of_account:
        columns[name] = np.where(accounts.exists, columns[name], "").astype(object)
    return columns


def drawn(stream: Stream, choices: Sequence[tuple[str, float]], n: int) -> Texts:
    texts = as_texts([text for text, _ in choices])
    return texts[stream.pick([share for _, share in choices], n)]


def moments(at: Ints) -> list[str]:
    """Timestamps in plain UTC, empty where missing."""
    iso = np.datetime_as_string(np.where(at == MISSING, 0, at).astype("datetime64[us]"), unit="us").tolist()
    return blanked([text.replace("T", " ") for text in iso], at == MISSING)


def put_conflicts(columns: dict[str, Texts], account: Ints, accounts: Accounts) -> None:
    """Give each of `PLANTED_CONFLICTS` an activated account of its own with rows enough."""
    activated_rows = account[columns["ig_activation_dttm"] != ""]
    fitting = np.flatnonzero(np.bincount(activated_rows, minlength=len(accounts)) >= 6)
    for conflict, chosen in zip(PLANTED_CONFLICTS, fitting.tolist(), strict=False):
        rows = np.flatnonzero(account == chosen)
        texts = columns[conflict.column]
        for part, template in ((rows[: len(rows) // 2], conflict.earlier), (rows[len(rows) // 2 :], conflict.later)):
            texts[part] = [template.format(text) for text in texts[part].tolist()]
        if conflict.later_by_min:
            later = rows[len(rows) // 2 :]
            at = np.array(texts[later].tolist(), dtype="datetime64[us]").astype(np.int64)
            texts[later] = moments(at + conflict.later_by_min * MINUTE_US)


def client_stories(stream: Stream) -> tuple[dict[str, Texts], Ints]:
    """The rows of `CLIENT_STORIES`, and when each happened."""
    rows = [row for number, story in enumerate(CLIENT_STORIES) for row in story_rows(number, story, stream)]
    columns = {name: as_texts([row.get(name, "") for row in rows]) for name in FEEDS["onboarding_events"].columns}
    return columns, np.array(columns["event_dttm"].tolist(), dtype="datetime64[us]").astype(np.int64)


def story_rows(number: int, story: ClientStory, stream: Stream) -> Iterator[dict[str, str]]:
    ids = stream.child(story.kind).uuids(len(story.clients))
    for row in story.rows:
        account: dict[str, str] = {}
        if row.account:
            account = {
                **STORY_ACCOUNT_COLUMNS,
                "account_id": str(FIRST_STORY_ACCOUNT + 10 * number + row.account),
                "first_account_for_user": "true" if row.account == 1 else "false",
                **story.accounts[row.account - 1],
            }
        yield {
            **STORY_CLIENT_COLUMNS,
            **account,
            "client_id": ids[row.client - 1],
            "client_creationdate": story.clients[row.client - 1],
            "first_device_type_of_user": story.device,
            "event_name": row.name,
            "event_dttm": row.at,
            **row.says,
        }


# ----------------------------------------------------------- profiles, orders, loyalty


def users(world: World, stream: Stream) -> Iterator[Chunk]:
    """One profile a row, in order of signing up."""
    people = world.users
    n = len(people)
    created_at = profile_made_at(world)
    changed_after = stream.child("updated").exponential(np.full(n, UPDATE_MEAN_DAYS)) * 86_400
    updated_at = np.minimum(created_at + changed_after.astype(np.int64) * 1_000_000, YEAR_END_US - 1)
    begins_early = np.zeros(n, dtype=np.bool_)
    begins_early[early_chatters(world, chat_app_events(world), people.signed_up_at)] = True
    channel = draw_channels(stream.child("channel"), begins_early)
    columns = {
        "user_id": people.user_id,
        "created_at": as_texts(timestamps(stream.child("style"), created_at)),
        "gender": drawn(stream.child("gender"), GENDERS, n),
        "birth_date": draw_birth_dates(stream.child("birth_date"), created_at, begins_early),
        "income_band": drawn(stream.child("income_band"), INCOME_BANDS, n),
        "acquisition_channel": channel,
        "acquisition_campaign": draw_campaigns(stream.child("campaign"), channel, people.signed_up_at),
        "country_group": countries(world, stream),
        "device_type": devices(world),
        "user_level": as_texts(["bronze", "silver", "gold"])[np.searchsorted(LEVEL_ACTIVITY, people.activity)],
        "updated_at": as_texts(
            blanked(
                moments(np.maximum(updated_at, created_at)), stream.child("no_update").happens(NO_UPDATED_AT_SHARE, n)
            )
        ),
    }
    kept = np.flatnonzero(has_profile(world) & (created_at < YEAR_END_US))
    for rows in slices(len(kept)):
        yield {name: values[kept[rows]].tolist() for name, values in columns.items()}


def profile_made_at(world: World) -> Ints:
    late = Stream(world.seed, "feed", "users", "late").happens(LATE_PROFILE_SHARE, len(world.users))
    return world.users.signed_up_at + np.where(late, LATE_PROFILE_DAYS * DAY_US, 0)


def has_profile(world: World) -> Bools:
    return ~Stream(world.seed, "world", "no_profile").happens(NO_PROFILE_SHARE, len(world.users))


def draw_channels(stream: Stream, begins_early: Bools) -> Texts:
    """Where people come from, given whether they soon begin to chat: so the channel drives that (Bayes)."""
    liked = tuple((name, share * CHANNEL_LIKINGS.get(name, 1.0)) for name, share in CHANNELS)
    n = len(begins_early)
    return np.where(begins_early, drawn(stream.child("of_chatters"), liked, n), drawn(stream, CHANNELS, n))


def draw_birth_dates(stream: Stream, created_at: Ints, begins_early: Bools) -> Texts:
    n = len(created_at)
    median = AGE_MEDIAN * np.where(begins_early, EARLY_CHAT_AGE, 1.0)
    years = np.clip(median * np.exp(AGE_SIGMA * stream.child("age").normal(n)), *AGE_RANGE)
    days = created_at // DAY_US - (years * 365.25).astype(np.int64)
    texts = np.datetime_as_string(days.astype("datetime64[D]")).tolist()
    return as_texts(blanked(texts, stream.child("missing").happens(NO_BIRTH_DATE_SHARE, n)))


def draw_campaigns(stream: Stream, channel: Texts, signed_up_at: Ints) -> Texts:
    """The channel's campaign of the season in which somebody signed up, if any."""
    month = signed_up_at.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    draw = stream.uniform(len(channel))
    return as_texts(
        [
            "" if chance < NO_CAMPAIGN_SHARE[name] else f"{name}_{1970 + at // 12}_{at % 12 // CAMPAIGN_MONTHS + 1}"
            for name, at, chance in zip(channel.tolist(), month.tolist(), draw.tolist(), strict=True)
        ]
    )


def countries(world: World, stream: Stream) -> Texts:
    """Groups of countries; a client's is what the onboarding export says."""
    texts = drawn(stream.child("country_group"), CLIENT_COLUMNS["country_group"], len(world.users))
    clients = np.flatnonzero(is_client(world))
    exported = Stream(world.seed, "feed", "onboarding_events", "attributes", "country_group")
    texts[clients] = drawn(exported, CLIENT_COLUMNS["country_group"], len(clients) + len(OLD_CLIENTS))[: len(clients)]
    return texts


def devices(world: World) -> Texts:
    """Each person's own device, as the chat events have it, and a client's as the onboarding export does."""
    own = Stream(world.seed, "feed", "chat_events", "bursts", "own_device").pick(DEVICE_WEIGHTS, len(world.users))
    texts = as_texts(DEVICES)[own]
    clients = np.flatnonzero(is_client(world))
    exported = Stream(world.seed, "feed", "onboarding_events", "clients", "mobile")
    is_mobile = exported.happens(MOBILE_SHARE, len(clients) + len(OLD_CLIENTS))[: len(clients)]
    texts[clients] = np.where(is_mobile, "mobile", "desktop")
    return texts


@dataclass(frozen=True)
class Orders:
    """Orders of people of the world, in order of time."""

    user: Ints  # index into Users
    at: Ints
    cents: Ints

    def __len__(self) -> int:
        return len(self.user)


def make_orders(world: World) -> Orders:
    """Some while after visits, by those who buy at all; and by regulars."""
    stream = Stream(world.seed, "world", "orders")
    visits, n = world.visits, len(world.visits)
    buys = stream.child("buyers").happens(BUYER_SHARE, len(world.users))
    count = stream.child("count").poisson(np.where(buys[visits.user], ORDERS_PER_VISIT, 0.0))
    visit = np.repeat(np.arange(n), count)
    delay = 60 * ORDER_DELAY_MEDIAN_MIN * np.exp(ORDER_DELAY_SIGMA * stream.child("delay").normal(len(visit)))
    fraction = (stream.child("fraction").bits(len(visit)) % np.uint64(1_000_000)).astype(np.int64)
    at = visits.started_at[visit] + delay.astype(np.int64) * 1_000_000 + fraction
    value = ORDER_VALUE_MEDIAN * np.exp(ORDER_VALUE_SIGMA * stream.child("value").normal(len(visit)))
    user, at, value = (
        np.concatenate(both)
        for both in zip((visits.user[visit], at, value), regular_orders(world, stream.child("regulars")), strict=True)
    )
    cents = np.rint(value * 100).astype(np.int64)
    order = np.lexsort((user, at))
    order = order[at[order] < YEAR_END_US]
    return Orders(user[order], at[order], cents[order])


def is_regular(world: World) -> Bools:
    """People who never visit, and yet order."""
    drawn_ones = Stream(world.seed, "world", "regulars").happens(REGULAR_SHARE, len(world.users))
    return drawn_ones & ~world.users.chats


def regular_orders(world: World, stream: Stream) -> tuple[Ints, Ints, Floats]:
    """Who orders when for how much in a rhythm of their own, which fades before they leave."""
    people, regular = world.users, np.flatnonzero(is_regular(world))
    midnight = YEAR_START_US + np.arange(DAYS) * DAY_US
    fades = midnight[:, None] >= people.left_at[regular] - FADING_DAYS * DAY_US
    rate = np.where(fades, FADED_RATE, 1.0) / REGULAR_EVERY_DAYS
    count = stream.child("count").poisson(rate.ravel())
    day, who = np.divmod(np.repeat(np.arange(rate.size), count), max(1, len(regular)))
    user, n = regular[who], len(who)
    at = midnight[day] + time_of_day_us(stream.child("time"), any_hour(stream.child("hours"), n))
    value = ORDER_VALUE_MEDIAN * np.exp(ORDER_VALUE_SIGMA * stream.child("value").normal(n))
    present = (at >= people.signed_up_at[user]) & (at < people.left_at[user])
    return user[present], at[present], value[present]


def orders(world: World, stream: Stream) -> Iterator[Chunk]:
    """One order a row, in order of time but for those of guests, who come last."""
    made = make_orders(world)
    guests = scaled(GUEST_ORDERS, world.scale)
    guest_at = YEAR_START_US + (stream.child("guest_at").uniform(guests) * DAYS * 86_400).astype(np.int64) * 1_000_000
    user_id = np.concatenate([world.users.user_id[made.user], as_texts(stream.child("guest").uuids(guests))])
    at = np.concatenate([made.at, guest_at])
    cents = np.concatenate([made.cents, np.full(guests, 2_500)])
    n = len(at)
    columns = {
        "order_id": as_texts(stream.child("order_id").uuids(n)),
        "user_id": user_id,
        "ordered_at": as_texts(timestamps(stream.child("style"), at)),
        "order_value": as_texts(
            blanked(hundredths(cents / 100), stream.child("no_value").happens(NO_ORDER_VALUE_SHARE, n))
        ),
    }
    for rows in slices(n):
        yield {name: values[rows].tolist() for name, values in columns.items()}


def point_transactions(world: World, stream: Stream) -> Iterator[Chunk]:
    """One movement of loyalty points a row, in order of time."""
    told = sorted(ledger(world, stream), key=lambda entry: (entry[1], entry[0]))
    user = np.array([entry[0] for entry in told], dtype=np.int64)
    columns = {
        "transaction_id": as_texts(stream.child("transaction_id").uuids(len(told))),
        "user_id": world.users.user_id[user],
        "transaction_at": as_texts(timestamps(stream.child("style"), np.array([entry[1] for entry in told]))),
        "transaction_type": as_texts([entry[2] for entry in told]),
        "points": as_texts([str(entry[3]) for entry in told]),
    }
    for rows in slices(len(told)):
        yield {name: values[rows].tolist() for name, values in columns.items()}


def ledger(world: World, stream: Stream) -> Iterator[tuple[int, int, str, int]]:
    """Who, when, what and how many points: collected with orders, redeemed before them, expired at a month's turn."""
    made = make_orders(world)
    member = stream.child("members").happens(MEMBER_SHARE, len(world.users)) | is_regular(world)
    redeems = stream.child("redeems").happens(REDEEM_SHARE, len(made))
    adjusts = stream.child("adjusts").happens(ADJUST_SHARE, len(made))
    by = 1 + (stream.child("by").uniform(len(made)) * ADJUST_MAX).astype(np.int64)
    up = stream.child("up").happens(0.5, len(made))
    days = np.arange(DAYS) * DAY_US + YEAR_START_US
    is_first_of_month = np.char.endswith(np.datetime_as_string(days.astype("datetime64[us]"), unit="D"), "-01")
    turns = [(int(at), -1) for at in days[is_first_of_month]]
    twice_left = REDEEMED_TWICE
    by_user = np.argsort(made.user, kind="stable")
    bounds = np.searchsorted(made.user[by_user], np.arange(len(world.users) + 1))
    for user in np.flatnonzero(member).tolist():
        own = by_user[bounds[user] : bounds[user + 1]].tolist()
        collected: list[tuple[int, int]] = []
        balance = gone = 0
        for at, order in sorted([(int(made.at[order]), order) for order in own] + turns):
            if order < 0:
                old = sum(points for moment, points in collected if moment < at - EXPIRE_AFTER_DAYS * DAY_US)
                expired = min(old - gone, balance)
                if expired > 0:
                    yield user, at, "expire", expired
                    balance, gone = balance - expired, gone + expired
                continue
            spent = balance // REDEEM_STEP * REDEEM_STEP
            if redeems[order] and spent > 0:
                yield user, at - 30_000_000, "redeem", spent
                balance, gone = balance - spent, gone + spent
                if twice_left and order == own[-1]:
                    yield user, at - 30_000_000, "redeem", spent
                    balance, twice_left = balance - spent, twice_left - 1
            points = max(1, int(made.cents[order]) // 100)
            yield user, at, "accrue", points
            balance += points
            collected.append((at, points))
            if adjusts[order]:
                points = int(by[order] if up[order] else -by[order])
                yield user, at, "adjust", points
                balance += points


# -------------------------------------------------------------------------- experiments


@dataclass(frozen=True)
class Exposures:
    """Who saw what, one array element each."""

    experiment: Texts
    user: Ints  # index into Users
    variant: Texts
    at: Ints

    def __len__(self) -> int:
        return len(self.user)


def seen(experiment: Experiment, user: Ints, variant: Texts, at: Ints, stream: Stream) -> Exposures:
    """Exposures within the experiment's time; some people see their variant once more."""
    again = stream.child("again").happens(SEEN_AGAIN_SHARE, len(user))
    days = stream.child("again_after").exponential(np.full(len(user), SEEN_AGAIN_DAYS))
    user, variant = np.concatenate([user, user[again]]), np.concatenate([variant, variant[again]])
    at = np.concatenate([at, at[again] + (1 + (days[again] * 86_400).astype(np.int64)) * 1_000_000])
    starts_at, ends_at = experiment.bounds
    inside = (at >= starts_at) & (at < ends_at)
    names = as_texts([experiment.name] * int(inside.sum()))
    return Exposures(names, user[inside], variant[inside], at[inside])


def experiment_exposures(world: World, stream: Stream) -> Iterator[Chunk]:
    """One exposure a row, in order of time."""
    several = [
        *greeting_exposures(world, stream.child("greetings")),
        banner_exposures(world, stream.child(BANNER.name)),
        *tips_exposures(world, stream.child(TIPS.name)),
    ]
    told = Exposures(**{name: np.concatenate([vars(part)[name] for part in several]) for name in vars(several[0])})
    order = np.lexsort((told.variant.astype(str), told.experiment.astype(str), told.user, told.at))
    columns = {
        "experiment_name": told.experiment[order],
        "user_id": world.users.user_id[told.user[order]],
        "variant": told.variant[order],
        "exposed_at": as_texts(timestamps(stream.child("style"), told.at[order])),
    }
    for rows in slices(len(told)):
        yield {name: values[rows].tolist() for name, values in columns.items()}


def greeting_exposures(world: World, stream: Stream) -> Iterator[Exposures]:
    """Newcomers of the chat app, at sign-up: of one experiment the variants differ, of the other they are the same.

    What people do is known beforehand, and so the variant is drawn given whether they chat (Bayes), such that those
    with one_line chat more often by GREETING_LIFT than the control and half of all people are in either.
    """
    events = chat_app_events(world)
    user = np.unique(events.user[world.users.signed_up_at[events.user] >= GREETING.bounds[0]])
    at = world.users.signed_up_at[user] + GREETED_AFTER_US
    chats = np.isin(user, early_chatters(world, events, world.users.signed_up_at + GREETED_AFTER_US))
    rate = chats.mean() if len(user) else 0.0
    rate_with = rate * 2 * (1 + GREETING_LIFT) / (2 + GREETING_LIFT)
    share_of_chatting = (1 + GREETING_LIFT) / (2 + GREETING_LIFT)
    share_of_others = (1 - rate_with) / (2 - 2 * rate) if rate < 1 else 0.5
    drawn_given = np.where(chats, share_of_chatting, share_of_others)
    treated = stream.child(GREETING.name).uniform(len(user)) < drawn_given
    yield seen(GREETING, user, as_texts(GREETING.variants)[treated.astype(int)], at, stream.child("first"))
    same = stream.child(SAME_GREETING.name).pick(SAME_GREETING.weights, len(user))
    yield seen(SAME_GREETING, user, as_texts(SAME_GREETING.variants)[same], at, stream.child("second"))


def first_visits_in(world: World, experiment: Experiment) -> tuple[Ints, Ints]:
    """Who visits while the experiment runs, and when first."""
    starts_at, ends_at = experiment.bounds
    visits = world.visits.part((world.visits.started_at >= starts_at) & (world.visits.started_at < ends_at))
    user, first = np.unique(visits.user, return_index=True)
    return user, visits.started_at[first]


def banner_exposures(world: World, stream: Stream) -> Exposures:
    """Half of the visitors get the banner, and of some of these no exposure is recorded."""
    user, at = first_visits_in(world, BANNER)
    variant = stream.child("split").pick(BANNER.weights, len(user))
    lost = (variant == 1) & stream.child("lost").happens(BANNER_LOST_SHARE, len(user))
    user, at, variant = user[~lost], at[~lost], variant[~lost]
    return seen(BANNER, user, as_texts(BANNER.variants)[variant], at, stream.child("seen"))


def tips_exposures(world: World, stream: Stream) -> Iterator[Exposures]:
    """Most visitors see the tips that they were dealt; those without a profile any; and a few what they should not."""
    user, at = first_visits_in(world, TIPS)
    reached = stream.child("reached").happens(TIPS_REACH, len(user))
    user, at = user[reached], at[reached]
    dealt = deal_tips(world)
    variant = np.where(dealt[user] >= 0, dealt[user], stream.child("undealt").pick(TIPS.weights, len(user)))
    wrong = (variant + 1) % len(TIPS.variants)
    candidates = np.flatnonzero(dealt[user] >= 0)
    for irregularity in PLANTED_IRREGULARITIES:
        who, candidates = candidates[: irregularity.people], candidates[irregularity.people :]
        if irregularity.instead:
            variant[who] = wrong[who]
            continue
        text = [irregularity.variant or TIPS.variants[number] for number in wrong[who].tolist()]
        moment = at[who] + HOUR_US
        if irregularity.at:
            moment = np.full(len(who), np.datetime64(irregularity.at, "us").astype(np.int64))
        yield Exposures(as_texts([irregularity.experiment] * len(who)), user[who], as_texts(text), moment)
    yield seen(TIPS, user, as_texts(TIPS.variants)[variant], at, stream.child("seen"))


def deal_tips(world: World) -> Ints:
    """The variant that the warehouse deals everybody, an index into the variants; -1 for those who are not in it.

    In strata of country and device; within each in the order of a hash, in blocks whose slots a hash shuffles.
    """
    stream = Stream(world.seed, "feed", "users")
    made_at = profile_made_at(world)
    who = np.flatnonzero(has_profile(world) & (made_at < YEAR_END_US) & (made_at < TIPS.bounds[1]))
    country, device = countries(world, stream), devices(world)
    combination = {
        user: f"country_group={country[user] or 'unknown'};device_type={device[user] or 'unknown'}"
        for user in who.tolist()
    }
    sizes = Counter(combination.values())
    strata: dict[str, list[int]] = {}
    for user, name in combination.items():
        strata.setdefault(name if sizes[name] >= MIN_STRATUM_SIZE else "other", []).append(user)
    dealt = np.full(len(world.users), -1)
    for stratum, members in strata.items():
        members.sort(key=lambda user: hashed(TIPS.salt, TIPS.name, world.users.user_id[user]))
        for place, user in enumerate(members):
            block, slot = divmod(place, sum(TIPS.weights))
            dealt[user] = shuffled_slots(TIPS, stratum, block + 1)[slot]
    return dealt


def shuffled_slots(experiment: Experiment, stratum: str, block: int) -> list[int]:
    """The variants of a block's slots, in the block's own order."""
    slots = [
        (name, slot + 1)
        for name, weight in zip(experiment.variants, experiment.weights, strict=True)
        for slot in range(weight)
    ]
    slots.sort(key=lambda slot: hashed(experiment.salt, experiment.name, stratum, block, *slot))
    return [experiment.variants.index(name) for name, _ in slots]


def hashed(*parts: str | int) -> str:
    """What the warehouse's macro hashed_id gives."""
    return hashlib.md5("".join(f"{str(part).replace('|', '||')}|;" for part in parts).encode()).hexdigest()


# ------------------------------------------------------------------------ list of feeds


def slices(n: int) -> Iterator[slice]:
    for start in range(0, n, CHUNK_ROWS):
        yield slice(start, min(start + CHUNK_ROWS, n))


OUTCOME = "outcome"  # in a chunk beside the columns: `accepted`, `rejected` or `duplicate`


@dataclass(frozen=True)
class Feed:
    """A feed is one file, or a folder of files: it has either `chunks` or `parts`."""

    columns: tuple[str, ...]
    key: str | None  # the column that identifies a row
    chunks: Callable[[World, Stream], Iterator[Chunk]] | None = None
    parts: Callable[[World, Stream], Iterator[tuple[str, Iterator[Chunk]]]] | None = None

    def files(self, name: str, world: World, stream: Stream) -> Iterator[tuple[Path, Iterator[Chunk]]]:
        """Each file's path within the data folder, and what goes into it."""
        if self.chunks:
            yield Path(f"{name}.csv"), self.chunks(world, stream)
        if self.parts:
            for part, chunks in self.parts(world, stream):
                yield Path(name, f"{part}.csv"), chunks


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
    "chat_events": Feed(
        columns=("event_id", "user_id", "event_name", "event_at", "device_type", "loaded_at"),
        key="event_id",
        parts=chat_events,
    ),
    "onboarding_events": Feed(
        columns=(
            "event_name",
            "event_dttm",
            "client_id",
            "client_creationdate",
            "admin_status",
            "country_group",
            "support_provided",
            "traffic_source",
            "first_device_type_of_user",
            "hear_source",
            "account_creationdate",
            "account_id",
            "industry",
            "initial_channel",
            "first_account_for_user",
            "current_account_status",
            "ig_followerscount",
            "ig_enable_dttm",
            "ig_activation_dttm",
            "first_ig_flow_publish_dttm",
            "trial_dttm",
            "paid_dttm",
            "pro_dttm",
            "ltv_predicted",
        ),
        key=None,
        chunks=onboarding_events,
    ),
    "users": Feed(
        columns=(
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
        ),
        key="user_id",
        chunks=users,
    ),
    "orders": Feed(
        columns=("order_id", "user_id", "ordered_at", "order_value"),
        key="order_id",
        chunks=orders,
    ),
    "point_transactions": Feed(
        columns=("transaction_id", "user_id", "transaction_at", "transaction_type", "points"),
        key="transaction_id",
        chunks=point_transactions,
    ),
    "experiment_exposures": Feed(
        columns=("experiment_name", "user_id", "variant", "exposed_at"),
        key=None,
        chunks=experiment_exposures,
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


def defects_of(feed: str, part: int = 0) -> list[Defect]:
    """What is planted in a feed's file, or in one of its files."""
    return [defect for defect in PLANTED_DEFECTS if (defect.feed, defect.part) == (feed, part)]


def plant(name: str, rows: list[list[str]], stream: Stream, part: int) -> list[str]:
    """CSV lines of a file's first chunk, quirks put on and defects put in.

    All their places lie in that chunk. In a feed too short for a defect's place, it
    stands before the last row.
    """
    feed = FEEDS[name]
    for quirk in (q for q in PLANTED_QUIRKS if q.feed == name and q.row < len(rows) and part == 0):
        rows[quirk.row] = edited(feed, rows[quirk.row], quirk.edits)
    lines = [",".join(row) for row in rows]
    last = len(rows) - 1
    # From the back, so that earlier places stay where they are.
    for defect in sorted(defects_of(name, part), key=lambda d: d.before_row, reverse=True):
        source = defect.before_row if defect.copy_of is None else defect.copy_of
        row = edited(feed, rows[min(source, last)], defect.edits)
        if feed.key and not defect.same_key:
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
    for stale in (out / name).glob("part-*.csv"):
        stale.unlink()
    counts: Counter[str] = Counter()
    size_bytes = 0
    for part, (path, chunks) in enumerate(feed.files(name, world, stream)):
        (out / path).parent.mkdir(exist_ok=True)
        counts += write_file(name, out / path, chunks, stream.child("planted"), part)
        size_bytes += (out / path).stat().st_size
    return FeedReport(
        feed=name,
        accepted=counts["accepted"],
        rejected=counts["rejected"],
        duplicate=counts["duplicate"],
        size_bytes=size_bytes,
    )


def write_file(name: str, path: Path, chunks: Iterator[Chunk], stream: Stream, part: int) -> Counter[str]:
    """Write one file and count its rows by outcome."""
    feed = FEEDS[name]
    counts: Counter[str] = Counter()
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(feed.columns) + "\n")
        for chunk in chunks:
            columns = [chunk[column] for column in feed.columns]
            rows = [list(row) for row in zip(*columns, strict=True)]
            if not counts and rows:
                lines = plant(name, rows, stream, part)
                counts += Counter(defect.outcome for defect in defects_of(name, part))
            else:
                lines = [",".join(row) for row in rows]
            counts += Counter(chunk.get(OUTCOME, ["accepted"] * len(rows)))
            file.writelines(f"{line}\n" for line in lines)
    return counts


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


def story_table() -> str:
    return markdown_table(
        ["story", "rows", "why it is there"],
        [[f"`{s.kind}`", str(len(s.rows)), s.why] for s in PLANTED_STORIES],
    )


def conflict_table() -> str:
    return markdown_table(
        ["column", "why it is there"],
        [[f"`{c.column}`", c.why] for c in PLANTED_CONFLICTS],
    )


def client_story_table() -> str:
    return markdown_table(
        ["story", "rows", "why it is there"],
        [[f"`{s.kind}`", str(len(s.rows)), s.why] for s in CLIENT_STORIES],
    )


def irregularity_table() -> str:
    return markdown_table(
        ["irregularity", "people", "why it is there"],
        [[f"`{i.kind}`", str(i.people), i.why] for i in PLANTED_IRREGULARITIES],
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
        help="folder to write one <feed>.csv, or folder <feed>, each into",
    )
    parser.add_argument(
        "--planted",
        action="store_true",
        help="also print what is planted: defects, quirks, stories, conflicts, irregularities",
    )
    options = parser.parse_args(arguments)
    print(report_table(generate(options.out, options.seed, options.scale)))
    if options.planted:
        for table in (
            *(defect_table(), quirk_table(), story_table()),
            *(conflict_table(), client_story_table(), irregularity_table()),
        ):
            print(f"\n{table}")


if __name__ == "__main__":
    main()
