"""Milestones, activation and first sessions: the definitions once more, in plain Python.

Shares nothing with the SQL it checks. Everything is computed from the files, one client at a time. Moments are
UTC without a zone, spans are counted in whole microseconds, rates are fractions until a mart is written.
"""

import csv
import hashlib
import json
import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from oracle.engagement import MANY, grouped, parse_row, quantile, records
from oracle.sessions import CATEGORIES, Rules, cut, seconds

EARLIEST, END = datetime(2000, 1, 1), datetime(2100, 1, 1)
SKEW = timedelta(minutes=5)
NEVER = datetime.min
HALF = Fraction(1, 2)
WILSON_Z = 1.959963984540054  # two-sided 95 %
CONTACT = "contact_collected"

MOMENT = ("moment", False, EARLIEST, END)
TEXT = ("text", False, None, None)
FEEDS = {
    "chat_events": {
        "event_id": ("text", True, None, None),
        "user_id": ("text", True, None, None),
        "event_name": ("text", True, None, None),
        "event_at": ("moment", True, EARLIEST, END),
        "device_type": TEXT,
        "loaded_at": MOMENT,
    },
    "onboarding_events": {
        "event_name": ("text", True, None, None),
        "event_dttm": ("moment", True, EARLIEST, END),
        "client_id": ("text", True, None, None),
        "client_creationdate": MOMENT,
        "admin_status": TEXT,
        "country_group": TEXT,
        "support_provided": TEXT,
        "traffic_source": TEXT,
        "first_device_type_of_user": TEXT,
        "hear_source": TEXT,
        "account_creationdate": MOMENT,
        "account_id": TEXT,
        "industry": TEXT,
        "initial_channel": TEXT,
        "first_account_for_user": TEXT,
        "current_account_status": TEXT,
        "ig_followerscount": ("whole", False, 0, MANY),
        "ig_enable_dttm": MOMENT,
        "ig_activation_dttm": MOMENT,
        "first_ig_flow_publish_dttm": MOMENT,
        "trial_dttm": MOMENT,
        "paid_dttm": MOMENT,
        "pro_dttm": MOMENT,
        "ltv_predicted": ("number", False, -MANY, MANY),
    },
}
CLIENT_ATTRIBUTES = [
    "client_creationdate",
    "country_group",
    "support_provided",
    "traffic_source",
    "first_device_type_of_user",
]
OF_THE_EVENT = ["event_name", "event_dttm", "account_id"]
ACCOUNT_ATTRIBUTES = [name for name in FEEDS["onboarding_events"] if name not in CLIENT_ATTRIBUTES + OF_THE_EVENT]
CLIENT_MILESTONES = {"client_created": "client_creationdate"}
ACCOUNT_MILESTONES = {
    "account_created": "account_creationdate",
    "ig_enabled": "ig_enable_dttm",
    "ig_activated": "ig_activation_dttm",
    "ig_flow_published": "first_ig_flow_publish_dttm",
    "trial_started": "trial_dttm",
    "pro_enabled": "pro_dttm",
    "paid": "paid_dttm",
}


@dataclass(frozen=True)
class Settings:
    """The project's variables, as far as they matter here."""

    new_clients_from: datetime = datetime(2021, 9, 18)
    activation_days: int = 7
    activation_contacts: int = 1
    trial_side_effect: timedelta = timedelta(seconds=4)
    min_segment_size: int = 30
    milestones_are_events: bool = True
    sessions: Rules = field(default_factory=Rules)
    as_of: datetime | None = None


class Happening(NamedTuple):
    """An event of either feed, or a milestone: what a session is made of."""

    event_at: datetime
    event_name: str
    user_id: str
    account_id: str | None
    device_type: str | None
    feed: str  # `milestones` for a milestone


class Milestone(NamedTuple):
    milestone: str
    entity_id: str
    account_id: str | None
    user_id: str
    reached_at: datetime
    is_trial_side_effect: bool


class Session(NamedTuple):
    number: int
    events: list[Happening]

    @property
    def started_at(self) -> datetime:
        return self.events[0].event_at

    @property
    def ended_at(self) -> datetime:
        return self.events[-1].event_at


# --- reading -------------------------------------------------------------------------------


class Loaded(NamedTuple):
    """A row that no rule objects to, with the moment its file first came in."""

    row: dict
    file_loaded_at: datetime


def valid_rows(raw_dir: Path, feed: str, first_loads: Mapping[str, datetime]) -> list[list[Loaded]]:
    """File by file the rows that are valid, in their order.

    `first_loads` says by a file's content (SHA-256) when it first came in; what it does not know comes in now.
    """
    columns = FEEDS[feed]
    paths = [raw_dir / f"{feed}.csv", *sorted((raw_dir / feed).rglob("*.csv"))]
    files = []
    for path in filter(Path.exists, paths):
        now = datetime.now(UTC).replace(tzinfo=None)
        loaded_at = first_loads.get(hashlib.sha256(path.read_bytes()).hexdigest(), now)
        rows = records(path)
        header = [name.strip().lower() for name in next(rows)]
        files.append([])
        for fields in rows:
            if fields is None or len(fields) != len(header):
                continue
            texts = dict(zip(header, fields, strict=True))
            row, reasons = parse_row(texts, columns, loaded_at + SKEW)
            if feed == "chat_events" and not reasons and row["loaded_at"]:
                reasons = ["event_at: timestamp_out_of_range"] if row["event_at"] > row["loaded_at"] + SKEW else []
            if not reasons:
                files[-1].append(Loaded(row, loaded_at))
    return files


def first_loads_of(registry: Path | None, feed: str) -> dict[str, datetime]:
    """When each content of a feed first came in, by the raw store's list of files. Without one nothing is known."""
    if registry is None:
        return {}
    return {
        entry["content_hash"]: datetime.fromisoformat(entry["first_loaded_at"])
        for entry in json.loads(registry.read_text("utf-8"))
        if entry["feed"] == feed
    }


def chat_happenings(files: list[list[Loaded]]) -> list[Happening]:
    """One event an id: of several contents the one that the feed loaded last, by its own clock."""
    told: dict[str, dict[tuple, datetime]] = defaultdict(dict)
    for row, _ in (loaded for file in files for loaded in file):
        content = (row["event_at"], row["event_name"], row["user_id"], row["device_type"])
        contents = told[row["event_id"]]
        contents[content] = max(contents.get(content, NEVER), row["loaded_at"] or NEVER)
    events = []
    for event_id, contents in told.items():
        if len(set(contents.values())) < len(contents):
            raise ValueError(f"Event {event_id}: contents loaded at the same moment are told apart by a hash.")
        at, name, user, device = max(contents, key=contents.__getitem__)
        events.append(Happening(at, name, user, None, device, "chat_events"))
    return events


def onboarding_happenings(files: list[list[Loaded]]) -> list[Happening]:
    """The n-th row of a file with the same client, account, name and time is the n-th of every file."""
    held: dict[tuple, tuple[datetime, Happening]] = {}
    for file in files:
        seen: Counter = Counter()
        for row, loaded_at in file:
            what = (row["client_id"], row["account_id"], row["event_name"], row["event_dttm"])
            seen[what] += 1
            event = Happening(
                row["event_dttm"],
                row["event_name"],
                row["client_id"],
                row["account_id"],
                row["first_device_type_of_user"],
                "onboarding_events",
            )
            key = (*what, seen[what])
            if key not in held or loaded_at < held[key][0]:
                held[key] = (loaded_at, event)
    return [event for _, event in held.values()]


def latest_known(rows: list[Loaded], attribute: str):
    """The value that holds: of the rows that say anything the one loaded last, of these the latest event's."""
    known = [(row.file_loaded_at, row.row["event_dttm"], row.row[attribute]) for row in rows]
    known = [entry for entry in known if entry[2] is not None]
    if not known:
        return None
    newest = max(entry[:2] for entry in known)
    values = {entry[2] for entry in known if entry[:2] == newest}
    if len(values) > 1:
        raise ValueError(f"{attribute}: rows of the same moment disagree, and ids decide, which are hashes.")
    return values.pop()


# --- the world -----------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """Everything the files say, and what follows from it."""

    events: list[Happening]  # of both feeds, without milestones
    clients: dict[str, dict]
    accounts: dict[str, dict]
    categories: dict[str, str]  # of event names
    settings: Settings = field(default_factory=Settings)

    @cached_property
    def milestones(self) -> list[Milestone]:
        found = []
        for client_id, client in self.clients.items():
            for name, column in CLIENT_MILESTONES.items():
                if client[column]:
                    found.append(Milestone(name, client_id, None, client_id, client[column], False))
        for account_id, account in self.accounts.items():
            trial = account["trial_dttm"]
            for name, column in ACCOUNT_MILESTONES.items():
                at = account[column]
                if at:
                    is_side_effect = (
                        name == "pro_enabled"
                        and trial is not None
                        and timedelta(0) <= trial - at <= self.settings.trial_side_effect
                    )
                    found.append(Milestone(name, account_id, account_id, account["client_id"], at, is_side_effect))
        return found

    @cached_property
    def as_of(self) -> datetime:
        """The greatest valid moment of the onboarding feed, events and milestones alike."""
        moments = [event.event_at for event in self.events if event.feed == "onboarding_events"]
        return self.settings.as_of or max([*moments, *(milestone.reached_at for milestone in self.milestones)])

    @cached_property
    def stream_sessions(self) -> dict[str, list[Session]]:
        """Sessions of each user, milestones being events."""
        as_events = [
            Happening(m.reached_at, f"milestone.{m.milestone}", m.user_id, m.account_id, None, "milestones")
            for m in self.milestones
        ]
        return self._sessions([*self.events, *as_events])

    @cached_property
    def enclosing_sessions(self) -> dict[str, list[Session]]:
        """Sessions of each user, cut without milestones."""
        return self._sessions(self.events)

    def _sessions(self, events: Iterable[Happening]) -> dict[str, list[Session]]:
        """Numbered from 1. Within the same microsecond the order is open: ids decide it, which are hashes."""
        return {
            user: [Session(number, part) for number, part in enumerate(cut(rows, self.settings.sessions), start=1)]
            for user, rows in grouped(sorted(events, key=_at), _user)
        }

    def session_numbers(self, user_id: str, at: datetime | None) -> tuple[int | None, int | None]:
        """The session that contains a moment, else the last one before it, in both readings."""
        return (
            number_at(self.stream_sessions.get(user_id, []), at),
            number_at(self.enclosing_sessions.get(user_id, []), at),
        )

    @cached_property
    def shown_sessions(self) -> dict[str, list[Session]]:
        """The reading that fct_sessions shows."""
        return self.stream_sessions if self.settings.milestones_are_events else self.enclosing_sessions

    def is_analysed(self, client_id: str) -> bool:
        created_at = self.clients.get(client_id, {}).get("client_creationdate")
        return created_at is not None and created_at >= self.settings.new_clients_from

    @cached_property
    def accounts_of(self) -> dict[str, list[str]]:
        owned = defaultdict(list)
        for account_id, account in self.accounts.items():
            owned[account["client_id"]].append(account_id)
        return owned

    def category(self, event: Happening) -> str:
        return "milestone" if event.feed == "milestones" else self.categories.get(event.event_name, "other")

    # What any of these happened to whom, in order of time.

    @cached_property
    def events_of_account(self) -> dict[str | None, list[Happening]]:
        return dict(grouped((e for e in sorted(self.events, key=_at) if e.account_id), lambda e: e.account_id))

    @cached_property
    def events_of_user(self) -> dict[str, list[Happening]]:
        return dict(grouped(sorted(self.events, key=_at), _user))


def _user(event) -> str:
    return event.user_id


def _at(event) -> datetime:
    return event.event_at


def number_at(sessions: list[Session], at: datetime | None) -> int | None:
    """How many of a user's sessions have begun by then; none, or no moment, is null."""
    if at is None:
        return None
    return bisect_right([session.started_at for session in sessions], at) or None


def read_world(raw_dir: Path, registry: Path | None, taxonomy: Path, settings: Settings | None = None) -> World:
    chat = valid_rows(raw_dir, "chat_events", first_loads_of(registry, "chat_events"))
    onboarding = valid_rows(raw_dir, "onboarding_events", first_loads_of(registry, "onboarding_events"))
    rows = [row for file in onboarding for row in file]
    with taxonomy.open(encoding="utf-8", newline="") as file:
        categories = {row["event_name"]: row["event_category"] for row in csv.DictReader(file)}
    return World(
        events=chat_happenings(chat) + onboarding_happenings(onboarding),
        clients={
            client_id: {attribute: latest_known(of_client, attribute) for attribute in CLIENT_ATTRIBUTES}
            for client_id, of_client in grouped(rows, lambda row: row.row["client_id"])
        },
        accounts={
            account_id: {attribute: latest_known(of_account, attribute) for attribute in ACCOUNT_ATTRIBUTES}
            for account_id, of_account in grouped(
                (row for row in rows if row.row["account_id"]), lambda row: row.row["account_id"]
            )
        },
        categories=categories,
        settings=settings or Settings(),
    )


# --- milestones and activation ---------------------------------------------------------------


def fct_milestones(world: World) -> list[dict]:
    """Every milestone of every client, old ones too."""
    rows = []
    for milestone in world.milestones:
        stream, enclosing = world.session_numbers(milestone.user_id, milestone.reached_at)
        rows.append(
            milestone._asdict()
            | {
                "stream_session_number": stream,
                "enclosing_session_number": enclosing,
                "is_new_client": world.is_analysed(milestone.user_id),
            },
        )
    return rows


def dim_accounts(world: World) -> list[dict]:
    """Every account with what is known of it last."""
    rows = []
    for account_id, account in world.accounts.items():
        client = world.clients[account["client_id"]]
        rows.append({
            "account_id": account_id,
            "user_id": account["client_id"],
            "admin_status": account["admin_status"],
            "hear_source": account["hear_source"],
            "industry": account["industry"],
            "initial_channel": account["initial_channel"],
            "first_account_for_user": account["first_account_for_user"],
            "current_account_status": account["current_account_status"],
            "country_group": client["country_group"],
            "traffic_source": client["traffic_source"],
            "support_provided": client["support_provided"],
            "device_type": client["first_device_type_of_user"],
            "is_new_client": world.is_analysed(account["client_id"]),
            "follower_count": account["ig_followerscount"],
            "predicted_lifetime_value": None if account["ltv_predicted"] is None else float(account["ltv_predicted"]),
            "client_created_at": client["client_creationdate"],
            "created_at": account["account_creationdate"],
        })  # fmt: skip
    return rows


def activated_at(world: World, account_id: str) -> datetime | None:
    """When an account was activated, ever: by its N-th contact where it has collected any, else by its milestone."""
    contacts = [e.event_at for e in world.events_of_account.get(account_id, []) if e.event_name == CONTACT]
    if not contacts:
        return world.accounts[account_id]["ig_activation_dttm"]
    nth = world.settings.activation_contacts
    return contacts[nth - 1] if len(contacts) >= nth else None


def fct_activations(world: World) -> list[dict]:
    """One row an account of an analysed client."""
    window = timedelta(days=world.settings.activation_days)
    rows = []
    for account_id, account in world.accounts.items():
        if not world.is_analysed(account["client_id"]):
            continue
        created_at, reached_at = account["account_creationdate"], activated_at(world, account_id)
        stream, enclosing = world.session_numbers(account["client_id"], reached_at)
        has_both = created_at is not None and reached_at is not None
        rows.append({
            "account_id": account_id,
            "user_id": account["client_id"],
            "device_type": world.clients[account["client_id"]]["first_device_type_of_user"],
            "created_at": created_at,
            "activated_at": reached_at,
            "is_activated": has_both and reached_at <= created_at + window,
            "is_complete": created_at is not None and created_at + window <= world.as_of,
            "seconds_to_activation": seconds(reached_at - created_at) if has_both else None,
            "stream_session_number": stream,
            "enclosing_session_number": enclosing,
        })  # fmt: skip
    return rows


def agg_activations_by_session(world: World) -> list[dict]:
    """All activations, whenever they came, by reading, device (and all devices) and session."""
    rows = []
    reached = [row for row in fct_activations(world) if row["activated_at"] is not None]
    for reading in ("stream", "enclosing"):
        by_device = defaultdict(list)
        for row in reached:
            by_device["all"].append(row)
            by_device[row["device_type"] or "unknown"].append(row)
        for device, of_device in by_device.items():
            for number, activations in Counter(row[f"{reading}_session_number"] for row in of_device).items():
                rows.append({
                    "session_reading": reading,
                    "device_type": device,
                    "session_number": number,
                    "activations": activations,
                    "all_activations": len(of_device),
                    "activation_share": activations / len(of_device),
                })  # fmt: skip
    return rows


def agg_milestone_lags(world: World) -> list[dict]:
    """For each kind of milestone and name of event, how far the client's nearest such event lies from it.

    The lag is positive where the event comes after the milestone. Of two that are equally near, the earlier
    counts. Every kind meets every name of the feeds, if only with nobody.
    """
    rows = []
    near = timedelta(seconds=60)
    names = {event.event_name for event in world.events}
    for milestone, reached in grouped(
        (m for m in world.milestones if world.is_analysed(m.user_id)), lambda m: m.milestone
    ):
        lags = defaultdict(list)
        for m in reached:
            moments = defaultdict(list)
            for event in world.events_of_user.get(m.user_id, []):
                moments[event.event_name].append(event.event_at)
            for name, of_name in moments.items():
                lags[name].append(min((at - m.reached_at for at in of_name), key=lambda lag: (abs(lag), lag)))
        for name in names:
            of_name = lags[name]
            within = sum(abs(lag) <= near for lag in of_name)
            rows.append({
                "milestone": milestone,
                "event_name": name,
                "milestones": len(reached),
                "matched": len(of_name),
                "matched_within_60s": within,
                "median_lag_seconds": quantile([seconds(lag) for lag in of_name], HALF) if of_name else None,
                "share_within_60s": within / len(of_name) if of_name else None,
            })  # fmt: skip
    return rows


# --- first sessions and segments -------------------------------------------------------------


def activation_sessions(world: World, user_id: str) -> list[int | None]:
    """In which of a client's sessions, as fct_sessions shows them, accounts were activated."""
    moments = [activated_at(world, account_id) for account_id in world.accounts_of.get(user_id, [])]
    sessions = world.shown_sessions.get(user_id, [])
    return [number_at(sessions, at) for at in moments if at is not None]


@dataclass(frozen=True)
class FirstSession:
    """What a client did in the first session, and what became of it."""

    world: World
    user_id: str

    @cached_property
    def sessions(self) -> list[Session]:
        return self.world.shown_sessions[self.user_id]

    @cached_property
    def first(self) -> Session:
        return self.sessions[0]

    def first_at(self, category: str) -> datetime | None:
        """When the first event of a category came, within the session."""
        return min((e.event_at for e in self.first.events if self.world.category(e) == category), default=None)

    def row(self) -> dict:
        """The features by names of their own; a mart's columns are found by a test's table of names."""
        first, world = self.first, self.world
        client = world.clients[self.user_id]
        categories = Counter(world.category(event) for event in first.events)
        names = {event.event_name for event in first.events}
        activated_in = activation_sessions(world, self.user_id)
        return {
            "user_id": self.user_id,
            "device_type": client["first_device_type_of_user"],
            "created_at": client["client_creationdate"],
            "started_at": first.started_at,
            "ended_at": first.ended_at,
            "duration_seconds": seconds(first.ended_at - first.started_at),
            "event_count": len(first.events),
            "distinct_event_count": len(names),
            "session_count": len(self.sessions),
            **{f"{category}_event_count": categories[category] for category in CATEGORIES},
            **{
                f"reached_{milestone}": f"milestone.{milestone}" in names
                for milestone in (*CLIENT_MILESTONES, *ACCOUNT_MILESTONES)
            },
            "is_activated_in_session_1": 1 in activated_in,
            "is_activated_in_session_2": 2 in activated_in,
            "is_activated_ever": any(
                activated_at(world, account_id) for account_id in world.accounts_of.get(self.user_id, [])
            ),
        }


def first_sessions(world: World) -> list[FirstSession]:
    return [FirstSession(world, user_id) for user_id in world.clients if world.is_analysed(user_id)]


OPERATORS = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


class SegmentRule(NamedTuple):
    segment: str
    priority: int
    feature: str
    operator: str
    value: str


def read_segment_rules(seed: Path) -> list[SegmentRule]:
    with seed.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        SegmentRule(row["segment"], int(row["priority"]), row["feature"], row["operator"], row["value"]) for row in rows
    ]


def holds(rule: SegmentRule, features: Mapping) -> bool:
    """Whether a rule holds. Of an unknown feature nothing does. Yes and no are the words true and false."""
    left = features[rule.feature]
    if left is None:
        return False
    if isinstance(left, bool):
        right = {"true": True, "false": False}[rule.value.strip().lower()]
    elif isinstance(left, int | float):
        right = float(rule.value)
    else:
        right = rule.value
    return OPERATORS[rule.operator](left, right)


def segment_of(rules: Iterable[SegmentRule], features: Mapping) -> str | None:
    """The first segment, in order of priority, all of whose rules hold."""
    for (_, segment), of_segment in grouped(rules, lambda rule: (rule.priority, rule.segment)):
        if all(holds(rule, features) for rule in of_segment):
            return segment
    return None


# --- priorities ------------------------------------------------------------------------------


class Member(NamedTuple):
    """A client as the priorities see it."""

    segment: str
    device_type: str | None
    is_complete: bool
    is_activated: bool


def wilson_lower_bound(successes: int, n: int, z: float = WILSON_Z) -> float | None:
    """The lower end of Wilson's interval of a share."""
    if n == 0:
        return None
    share = successes / n
    centre = share + z * z / (2 * n)
    margin = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (centre - margin) / (1 + z * z / n)


class Priority(NamedTuple):
    segment: str
    device_type: str | None
    users: int
    complete_users: int
    activated_users: int
    activation_rate: float | None
    benchmark_rate: float | None
    expected_gain: float | None


def priorities(members: Iterable[Member], min_segment_size: int) -> list[Priority]:
    """Each segment on each device, beside the best that a segment of some size is sure to reach there."""
    rows = []
    for device, on_device in grouped(members, lambda m: m.device_type or ""):
        counted = {}
        for segment, of_segment in grouped(on_device, lambda m: m.segment):
            complete = [member for member in of_segment if member.is_complete]
            counted[segment] = (len(of_segment), len(complete), sum(member.is_activated for member in complete))
        bounds = [
            wilson_lower_bound(activated, complete)
            for users, complete, activated in counted.values()
            if complete >= min_segment_size
        ]
        benchmark = max(bounds, default=None)
        for segment, (users, complete, activated) in counted.items():
            rate = activated / complete if complete else None
            gain = None
            if rate is not None and benchmark is not None:
                gain = max(0.0, complete * (benchmark - rate))
            rows.append(Priority(segment, device or None, users, complete, activated, rate, benchmark, gain))
    return sorted(rows, key=lambda row: (-(row.expected_gain or 0), row.segment, row.device_type or ""))
