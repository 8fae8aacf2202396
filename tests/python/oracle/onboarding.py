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
from operator import eq, ge, gt, le, lt, ne
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
    trial_event: str = "trial_clicked"
    min_segment_size: int = 10
    typical_event_min_share: Fraction = Fraction(1, 10)
    interview_candidates: int = 5
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
    activities: set[str]  # names of events that count as activity
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
        names = list(csv.DictReader(file))
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
        categories={row["event_name"]: row["event_category"] for row in names},
        activities={row["event_name"] for row in names if row["is_activity"] == "true"},
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

DAY = timedelta(days=1)
ORDERED = ["onboarding", "tutorial", "builder", "trial"]  # the kinds of events whose order tells clients apart
COUNTED = [category for category in CATEGORIES if category != "milestone"]


class SegmentRule(NamedTuple):
    segment: str
    priority: int
    feature: str
    operator: str
    value: Fraction


OPERATORS = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


def read_segment_rules(seed: Path) -> list[SegmentRule]:
    with seed.open(encoding="utf-8", newline="") as file:
        return [
            SegmentRule(row["segment"], int(row["priority"]), row["feature"], row["operator"], Fraction(row["value"]))
            for row in csv.DictReader(file)
        ]


def segment_of(rules: Iterable[SegmentRule], features: Mapping, names: Mapping[str, int]) -> str | None:
    """The first segment, in order of priority, all of whose rules hold.

    A rule looks at a feature, or else at how often an event of that name happened. Yes is 1, no and nothing are 0.
    """
    for (_, segment), of_segment in grouped(rules, lambda rule: (rule.priority, rule.segment)):
        for rule in of_segment:
            value = features[rule.feature] if rule.feature in features else names.get(rule.feature, 0)
            if not OPERATORS[rule.operator](Fraction(value or 0), rule.value):
                break
        else:
            return segment
    return None


@dataclass(frozen=True)
class FirstSession:
    """What a client did in the first session, and what became of it."""

    features: dict  # a row of fct_first_sessions
    names: Counter  # how often each event happened in it, milestones included

    def __getitem__(self, column: str):
        return self.features[column]


def first_session(world: World, user_id: str, rules: list[SegmentRule]) -> FirstSession:
    client, sessions = world.clients[user_id], world.shown_sessions[user_id]
    first, later = sessions[0], sessions[1:]
    events = [event for event in first.events if event.feed != "milestones"]
    categories = Counter(world.category(event) for event in events)
    reached = {
        m.milestone
        for m in world.milestones
        if m.user_id == user_id and first.started_at <= m.reached_at <= first.ended_at
    }
    activity = [e.event_at for session in later for e in session.events if e.event_name in world.activities]
    returned_at = min(activity, default=None)
    activations = [activated_at(world, account_id) for account_id in world.accounts_of.get(user_id, [])]
    first_activation = min((at for at in activations if at is not None), default=None)
    activated_in = number_at(sessions, first_activation)
    created_at = client["client_creationdate"]
    features = {
        "user_id": user_id,
        "device_type": client["first_device_type_of_user"],
        "created_at": created_at,
        "started_at": first.started_at,
        "ended_at": first.ended_at,
        "duration_seconds": seconds(first.ended_at - first.started_at),
        "event_count": len(events),
        "distinct_event_count": len({event.event_name for event in events}),
        **{f"{category}_event_count": categories[category] for category in COUNTED},
        "milestones_reached": ", ".join(sorted(reached)) or None,
        **places_of_kinds(world, events),
        "returned_at": returned_at,
        "came_back_within_a_day": returned_at is not None and returned_at <= first.ended_at + DAY,
        "activated_at": first_activation,
        "activation_session_number": activated_in,
        "is_activated_in_first_session": activated_in == 1,
        "is_activated_in_second_session": activated_in == 2,
        "is_activated": first_activation is not None,
        "is_complete": created_at + timedelta(days=world.settings.activation_days) <= world.as_of
        and first.ended_at + DAY <= world.as_of,
    }
    names = Counter(event.event_name for event in events)
    milestones = Counter(f"milestone.{m}" for m in reached)
    return FirstSession(features | {"segment": segment_of(rules, features, names + milestones)}, names)


def places_of_kinds(world: World, events: list[Happening]) -> dict[str, int | None]:
    """Which of the kinds came first, second and so on. Kinds that did not come have no place."""
    first = {}
    for event in events:
        kinds = [world.category(event)] + ["trial"] * (event.event_name == world.settings.trial_event)
        for kind in kinds:
            if kind in ORDERED and event.event_at < first.get(kind, END):
                first[kind] = event.event_at
    if len(set(first.values())) < len(first):
        raise ValueError("Kinds that come first at the same moment are told apart by ids, which are hashes.")
    order = sorted(first, key=first.__getitem__)
    return {f"{kind}_place": order.index(kind) + 1 if kind in order else None for kind in ORDERED}


def first_sessions(world: World, rules: list[SegmentRule]) -> list[FirstSession]:
    """Of the clients that are analysed."""
    return [first_session(world, user_id, rules) for user_id in world.clients if world.is_analysed(user_id)]


def fct_first_sessions(sessions: list[FirstSession]) -> list[dict]:
    return [session.features for session in sessions]


def by_device(rows: Iterable) -> dict[str, list]:
    """Rows of each device, of all of them together, and of those without."""
    devices = defaultdict(list)
    for row in rows:
        devices["all"].append(row)
        devices[row["device_type"] or "unknown"].append(row)
    return devices


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def agg_segment_profiles(sessions: list[FirstSession], settings: Settings) -> list[dict]:
    rows = []
    everybody = by_device(sessions)
    for segment, of_segment in grouped(sessions, lambda session: session["segment"]):
        for device, members in by_device(of_segment).items():
            complete = [member for member in members if member["is_complete"]]
            activated = {
                "activated_in_first_session": sum(m["is_activated_in_first_session"] for m in complete),
                "activated_in_second_session": sum(m["is_activated_in_second_session"] for m in complete),
                "activated": sum(m["is_activated"] for m in complete),
            }
            rows.append({
                "segment": segment,
                "device_type": device,
                "users": len(members),
                "share_of_device": share(len(members), len(everybody[device])),
                "share_of_segment": share(len(members), len(of_segment)),
                "complete_users": len(complete),
                **activated,
                "first_session_activation_rate": share(activated["activated_in_first_session"], len(complete)),
                "second_session_activation_rate": share(activated["activated_in_second_session"], len(complete)),
                "activation_rate": share(activated["activated"], len(complete)),
                "median_duration_seconds": quantile([m["duration_seconds"] for m in members], HALF),
                "median_event_count": quantile([m["event_count"] for m in members], HALF),
                "top_events": top_events(of_segment, sessions, settings),
            })  # fmt: skip
    return rows


def top_events(of_segment: list[FirstSession], everybody: list[FirstSession], settings: Settings) -> str | None:
    """The three events with the greatest lift, of those that enough of the segment did and more than others do."""

    def did(sessions: list[FirstSession], name: str) -> Fraction:
        return Fraction(sum(name in session.names for session in sessions), len(sessions))

    names = {name for session in of_segment for name in session.names}
    lifts = {
        name: did(of_segment, name) / did(everybody, name)
        for name in names
        if did(of_segment, name) >= settings.typical_event_min_share
    }
    best = sorted(lifts, key=lambda name: (-lifts[name], -did(of_segment, name), name))
    best = [name for name in best if lifts[name] > 1][:3]
    return ", ".join(f"{name} ({math.floor(lifts[name] * 10 + HALF) / 10:.1f}×)" for name in best) or None


# --- priorities ------------------------------------------------------------------------------


def wilson_lower_bound(successes: int, n: int, z: float = WILSON_Z) -> float:
    """The lower end of Wilson's interval of a share."""
    rate = successes / n
    centre = rate + z * z / (2 * n)
    margin = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return (centre - margin) / (1 + z * z / n)


class Member(NamedTuple):
    """A client as the priorities see it."""

    segment: str
    device_type: str | None
    is_complete: bool
    is_activated: bool  # in the first session


class Priority(NamedTuple):
    segment: str
    rank: int
    users: int
    share_of_users: float
    complete_users: int
    activated_in_first_session: int
    activation_rate: float | None
    benchmark_rate: float | None
    expected_gain: float | None


def benchmarks(members: list[Member], min_segment_size: int) -> dict[str, float]:
    """By device, the greatest share that a segment of some size surely reaches there."""
    found: dict[str, float] = {}
    complete = [member for member in members if member.is_complete]
    for (device, _), there in grouped(complete, lambda member: (member.device_type or "", member.segment)):
        if len(there) >= min_segment_size:
            bound = wilson_lower_bound(sum(member.is_activated for member in there), len(there))
            found[device] = max(found.get(device, 0.0), bound)
    return found


def priorities(members: Iterable[Member], min_segment_size: int) -> list[Priority]:
    """Segments by what there is to gain if they did as well as the best on their clients' devices surely does."""
    members = list(members)
    benchmark_on = benchmarks(members, min_segment_size)
    rows = []
    for segment, of_segment in grouped(members, lambda member: member.segment):
        complete = [member for member in of_segment if member.is_complete]
        activated = sum(member.is_activated for member in complete)
        rate = share(activated, len(complete))
        benchmark = gain = None
        if any((member.device_type or "") in benchmark_on for member in complete):
            # Where there is none, clients are expected to do as they did, so that nothing is gained or lost.
            reached = math.fsum(
                benchmark_on.get(member.device_type or "", float(member.is_activated)) for member in complete
            )
            benchmark = reached / len(complete)
            gain = max(0.0, len(complete) * (benchmark - rate))
        rows.append(
            Priority(
                segment,
                0,
                len(of_segment),
                len(of_segment) / len(members),
                len(complete),
                activated,
                rate,
                benchmark,
                gain,
            )
        )
    rows.sort(key=lambda row: (row.expected_gain is None, -(row.expected_gain or 0.0), -row.users, row.segment))
    return [row._replace(rank=rank) for rank, row in enumerate(rows, start=1)]


def agg_segment_priorities(sessions: list[FirstSession], settings: Settings) -> list[dict]:
    members = [
        Member(s["segment"], s["device_type"], s["is_complete"], s["is_activated_in_first_session"]) for s in sessions
    ]
    return [row._asdict() for row in priorities(members, settings.min_segment_size)]


def fct_interview_candidates(sessions: list[FirstSession], settings: Settings) -> list[dict]:
    """Of each segment, who comes nearest to its medians of length, events and different events, and who came last.

    A distance from a median counts in units of the median of these distances, or as it is where that is 0.
    Of clients equally near the newer comes first.
    """
    rows = []
    for segment, members in grouped(sessions, lambda session: session["segment"]):
        features = ("duration_seconds", "event_count", "distinct_event_count")
        distance = dict.fromkeys((member["user_id"] for member in members), 0.0)
        for name in features:
            middle = quantile([member[name] for member in members], HALF)
            usual = quantile([abs(member[name] - middle) for member in members], HALF)
            for member in members:
                distance[member["user_id"]] += abs(member[name] - middle) / (usual or 1)
        created = {member["user_id"]: member["created_at"] for member in members}
        recent = sorted(sorted(created), key=created.__getitem__, reverse=True)
        typical = sorted(recent, key=lambda user_id: round(distance[user_id], 9))
        for reason, order in (("typical", typical), ("recent", recent)):
            for rank, user_id in enumerate(order[: settings.interview_candidates], start=1):
                rows.append({
                    "segment": segment,
                    "user_id": user_id,
                    "reason": reason,
                    "rank": rank,
                    "distance_to_middle": distance[user_id],
                })  # fmt: skip
    return rows
