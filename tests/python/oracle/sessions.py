"""Events of two feeds, and milestones, as one stream, cut into sessions: the definitions once more, one user at a time.

Shares nothing with the SQL it checks, and knows nothing of batches: it reads every file there is, whenever
asked. Moments are UTC without a zone, durations are counted in whole microseconds.

Two things are taken from the warehouse, because they are hashes and no rule says what they look like. The
ids of onboarding events and of milestones come in as an argument, and decide between events at the same
microsecond. Session ids are left out: a session is called (user_id, id of its first event) here.
"""

import csv
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

BLANKS = " \t\r\n\xa0"
MICROSECOND = timedelta(microseconds=1)
NEVER = datetime.min
CATEGORIES = ["onboarding", "tutorial", "builder", "channel", "billing", "chat", "navigation", "milestone", "other"]


@dataclass(frozen=True)
class Rules:
    """The variables session_gap_minutes, session_gap_inclusive and session_max_hours."""

    gap_minutes: int = 30
    gap_inclusive: bool = False
    max_hours: int | None = None

    def belong_together(self, earlier: datetime, later: datetime) -> bool:
        """Whether two events, one after the other, are of one session."""
        gap = timedelta(minutes=self.gap_minutes)
        return later - earlier <= gap if self.gap_inclusive else later - earlier < gap

    def piece(self, first: datetime, moment: datetime) -> int:
        """In which piece of a session that begins at `first` a moment lies."""
        return (moment - first) // timedelta(hours=self.max_hours) if self.max_hours else 0


class Event(NamedTuple):
    """An event of either feed, or a milestone. `key` is what makes it one event: its id, or what it consists of."""

    key: tuple
    event_id: str | None
    user_id: str
    account_id: str | None
    event_name: str
    event_at: datetime
    device_type: str | None
    feed: str
    loaded_at: datetime


class SessionEvent(NamedTuple):
    """A row of int_events_sessionized."""

    event_id: str
    user_id: str
    account_id: str | None
    event_name: str
    event_at: datetime
    device_type: str | None
    feed: str
    loaded_at: datetime
    session_id: tuple[str, str]
    session_number: int
    position_in_session: int
    seconds_since_previous_event: float | None


# A row of fct_sessions.
Session = NamedTuple(
    "Session",
    [
        ("session_id", tuple[str, str]),
        ("user_id", str),
        ("session_number", int),
        ("started_at", datetime),
        ("ended_at", datetime),
        ("duration_seconds", float),
        ("event_count", int),
        ("distinct_event_count", int),
        ("first_event_name", str),
        ("last_event_name", str),
        ("device_type", str | None),
        ("is_first_session", bool),
        ("is_late_revised", bool),
        *((f"{category}_event_count", int) for category in CATEGORIES),
    ],
)


# --- reading -------------------------------------------------------------------------------


@dataclass(frozen=True)
class File:
    """A file of a feed: its rows as dictionaries of text, and the moment its content first came in."""

    first_loaded_at: datetime
    rows: list[dict[str, str]]


def read_files(raw_dir: Path, registry: Path, feed: str) -> list[File]:
    """Every file of a feed's folder. `registry` is the raw store's list, which knows a file by its content."""
    first_loads = {
        entry["content_hash"]: datetime.fromisoformat(entry["first_loaded_at"])
        for entry in json.loads(registry.read_text("utf-8"))
        if entry["feed"] == feed
    }
    files = []
    for path in sorted((raw_dir / feed).glob("*.csv")):
        content = path.read_bytes()
        rows = csv.DictReader(content.decode("utf-8").splitlines())
        files.append(File(first_loads[hashlib.sha256(content).hexdigest()], list(rows)))
    return files


def read_events(raw_dir: Path, registry: Path) -> list[Event]:
    """The events of both feeds and the milestones, those of onboarding without an id."""
    chat = chat_events(read_files(raw_dir, registry, "chat_events"))
    exports = read_files(raw_dir, registry, "onboarding_events")
    return chat + onboarding_events(exports) + milestones(exports)


def chat_events(files: list[File]) -> list[Event]:
    """One event an id. Of several contents that holds which the feed loaded last, by its own clock.

    It was loaded when the first of its copies was. Rows without a loaded_at of their own lose, and are
    loaded when their file was.
    """
    contents: dict[str, dict[tuple, list]] = defaultdict(lambda: defaultdict(list))
    for file in files:
        for row in file.rows:
            content = (text(row, "user_id"), text(row, "event_name"), moment(row, "event_at"), text(row, "device_type"))
            contents[text(row, "event_id")][content].append((moment(row, "loaded_at"), file.first_loaded_at))
    return [_winner(event_id, copies) for event_id, copies in contents.items()]


def _winner(event_id: str, copies: dict[tuple, list]) -> Event:
    last_loads = {content: max(own or NEVER for own, _ in loads) for content, loads in copies.items()}
    if len(set(last_loads.values())) < len(last_loads):
        raise ValueError(f"Event {event_id}: contents loaded at the same moment are told apart by a hash.")
    content = max(last_loads, key=last_loads.__getitem__)
    loaded_at = min(own or of_file for own, of_file in copies[content])
    user_id, name, event_at, device = content
    return Event((event_id,), event_id, user_id, None, name, event_at, device, "chat_events", loaded_at)


def onboarding_events(files: list[File]) -> list[Event]:
    """One event for each time that a row stands in a file; the same row in another file is the same event.

    So that file counts which holds it most often. An event was loaded when the first file that holds it
    as often was.
    """
    loads: dict[tuple, list[datetime]] = defaultdict(list)
    devices: dict[tuple, set] = defaultdict(set)
    for file in files:
        seen: Counter = Counter()
        for row in file.rows:
            what = (text(row, "client_id"), text(row, "account_id"), text(row, "event_name"), moment(row, "event_dttm"))
            seen[what] += 1
            loads[(*what, seen[what])].append(file.first_loaded_at)
            devices[what].add(text(row, "first_device_type_of_user"))
    if any(len(of_event) > 1 for of_event in devices.values()):
        raise ValueError("Copies of an onboarding event that differ in the device are not covered here.")
    return [
        Event(key, None, key[0], key[1], key[2], key[3], *devices[key[:4]], "onboarding_events", min(loaded))
        for key, loaded in loads.items()
    ]


def milestones(files: list[File]) -> list[Event]:
    """The milestones that two of the columns date.

    What was said last holds, and so does whose an account was last; what is left empty says nothing. A milestone was
    loaded with the first file that dates it as it is.
    """
    reached = []
    for name, column, entity in [
        ("client_created", "client_creationdate", "client_id"),
        ("ig_activated", "ig_activation_dttm", "account_id"),
    ]:
        for entity_id, said in _said_of(entity, files).items():
            dated = [(loaded, moment(row, column)) for loaded, _, row in said if moment(row, column)]
            if dated:
                latest = dated[-1][1]
                reached.append(
                    Event(
                        key=("milestones", name, entity_id),
                        event_id=None,
                        user_id=text(said[-1][2], "client_id"),
                        account_id=entity_id if entity == "account_id" else None,
                        event_name=f"milestone.{name}",
                        event_at=latest,
                        device_type=None,
                        feed="milestones",
                        loaded_at=min(loaded for loaded, date in dated if date == latest),
                    )
                )
    return reached


def _said_of(entity: str, files: list[File]) -> dict[str, list[tuple]]:
    """The rows about each client or account, the last one last."""
    said: dict[str, list[tuple]] = defaultdict(list)
    for file in files:
        for row in file.rows:
            if text(row, entity):
                said[text(row, entity)].append((file.first_loaded_at, moment(row, "event_dttm"), row))
    for rows in said.values():
        rows.sort(key=lambda place: place[:2])
        if any(
            before[:2] == after[:2] and _statement(entity, before[2]) != _statement(entity, after[2])
            for before, after in pairwise(rows)
        ):
            raise ValueError("Rows of one file and moment that say different things are not covered here.")
    return said


def _statement(entity: str, row: dict[str, str]) -> list[str | None]:
    """What a row says of a client or an account, as far as a milestone depends on it."""
    columns = ["client_creationdate"] if entity == "client_id" else ["client_id", "ig_activation_dttm"]
    return [text(row, column) for column in columns]


def with_ids(events: Iterable[Event], found: Iterable[SessionEvent]) -> list[Event]:
    """The events, those without an id with the ids that the rows of the warehouse have.

    Events that only their occurrence tells apart take their ids in the order in which they were loaded.
    Where the warehouse has too few rows, the rest are called missing.
    """
    ids: dict[tuple, list] = defaultdict(list)
    for row in sorted(found, key=lambda row: (row.loaded_at, row.event_id), reverse=True):
        ids[(row.feed, row.user_id, row.account_id, row.event_name, row.event_at)].append(row.event_id)
    named = []
    for event in sorted(events, key=lambda event: event.loaded_at):
        if event.event_id is None:
            alike = ids[(event.feed, event.user_id, event.account_id, event.event_name, event.event_at)]
            event = event._replace(event_id=alike.pop() if alike else f"missing {event.key}")
        named.append(event)
    return named


def text(row: dict[str, str], column: str) -> str | None:
    """A value without the blanks around it; None where nothing is left."""
    return (row.get(column) or "").strip(BLANKS) or None


def moment(row: dict[str, str], column: str) -> datetime | None:
    """A moment in UTC, whatever zone it is written in. What is finer than a microsecond is cut off."""
    value = text(row, column)
    if value is None:
        return None
    parsed = datetime.fromisoformat(value)
    return parsed.astimezone(UTC).replace(tzinfo=None) if parsed.tzinfo else parsed


def read_categories(taxonomy: Path) -> dict[str, str]:
    """Event name to category."""
    with taxonomy.open(encoding="utf-8", newline="") as file:
        return {row["event_name"]: row["event_category"] for row in csv.DictReader(file)}


# --- sessions ------------------------------------------------------------------------------


def by_user(rows: Iterable) -> dict[str, list]:
    """Rows of anything that has a user_id, in their order."""
    users = defaultdict(list)
    for row in rows:
        users[row.user_id].append(row)
    return users


def sessionize(events: Iterable[Event], rules: Rules) -> list[SessionEvent]:
    """Every event in its place, user by user. Each event has its id."""
    rows = []
    for of_user in by_user(events).values():
        ordered = sorted(of_user, key=lambda event: (event.event_at, event.event_id))
        for number, session in enumerate(cut(ordered, rules), start=1):
            for position, event in enumerate(session, start=1):
                rows.append(
                    SessionEvent(
                        *event[1:],
                        session_id=(event.user_id, session[0].event_id),
                        session_number=number,
                        position_in_session=position,
                        seconds_since_previous_event=None,
                    )
                )
    return with_waits(rows)


def cut(ordered: list[Event], rules: Rules) -> list[list[Event]]:
    """The sessions of one user, by gap first, each into pieces then."""
    sessions: list[list[Event]] = []
    last = first = None
    for event in ordered:
        if last is None or not rules.belong_together(last.event_at, event.event_at):
            first = event
            sessions.append([event])
        elif rules.piece(first.event_at, event.event_at) != rules.piece(first.event_at, last.event_at):
            sessions.append([event])
        else:
            sessions[-1].append(event)
        last = event
    return sessions


def with_waits(rows: list[SessionEvent]) -> list[SessionEvent]:
    """Each event with the time since the one before it, of whatever session. Users stand one after the other."""
    waits = [
        seconds(row.event_at - before.event_at) if before is not None and before.user_id == row.user_id else None
        for before, row in zip([None, *rows], rows, strict=False)
    ]
    return [row._replace(seconds_since_previous_event=wait) for row, wait in zip(rows, waits, strict=True)]


def seconds(span: timedelta) -> float:
    """Seconds with microseconds: the double that lies nearest."""
    return (span // MICROSECOND) / 1_000_000


def summarize(rows: Iterable[SessionEvent], category_of: dict[str, str]) -> list[Session]:
    """One row a session."""
    sessions = defaultdict(list)
    for row in rows:
        sessions[row.session_id].append(row)
    return [_summary(session, category_of) for session in sessions.values()]


def _summary(session: list[SessionEvent], category_of: dict[str, str]) -> Session:
    first, last = session[0], session[-1]
    names = [event.event_name for event in session]
    counts = Counter(category_of.get(name, "other") for name in names)
    return Session(
        session_id=first.session_id,
        user_id=first.user_id,
        session_number=first.session_number,
        started_at=first.event_at,
        ended_at=last.event_at,
        duration_seconds=seconds(last.event_at - first.event_at),
        event_count=len(session),
        distinct_event_count=len(set(names)),
        first_event_name=first.event_name,
        last_event_name=last.event_name,
        device_type=next((event.device_type for event in session if event.device_type is not None), None),
        is_first_session=first.session_number == 1,
        is_late_revised=any(
            earlier.loaded_at > later.loaded_at
            for place, earlier in enumerate(session)
            for later in session[place + 1 :]
        ),
        **{f"{category}_event_count": counts[category] for category in CATEGORIES},
    )


# --- what a batch may cost -----------------------------------------------------------------


class Cost(NamedTuple):
    """How much a batch changes: events that are new or otherwise, and the most rows that may be written."""

    changed_events: int
    users: int
    event_rows: int
    sessions: int


def cost_of_batch(before: list[SessionEvent], after: list[SessionEvent], rules: Rules) -> Cost:
    """The most that a batch may write: of each user it touches, the first session it touches and all later ones.

    That session is the one in which the earliest changed event lies, or lay, or which it comes so close after
    that they may belong together. Where there is none, only what begins with that event is written.
    """
    start_of = {}
    users_before, users_after = by_user(before), by_user(after)
    changed = {_what_happened(row) for row in before} ^ {_what_happened(row) for row in after}
    for user_id, moments in _moments_by_user(changed).items():
        start_of[user_id] = _first_touched(users_before.get(user_id, []), min(moments), rules)
    written = [row for user_id, start in start_of.items() for row in users_after[user_id] if row.event_at >= start]
    return Cost(
        changed_events=len({event_id for event_id, *_ in changed}),
        users=len(start_of),
        event_rows=len(written),
        sessions=sum(row.position_in_session == 1 for row in written),
    )


def _what_happened(row: SessionEvent) -> tuple:
    """A row without what follows from other rows."""
    return row[:8]


def _moments_by_user(changed: Iterable[tuple]) -> dict[str, list[datetime]]:
    moments = defaultdict(list)
    for _, user_id, _, _, event_at, *_ in changed:
        moments[user_id].append(event_at)
    return moments


def _first_touched(rows: list[SessionEvent], earliest: datetime, rules: Rules) -> datetime:
    """Where the first of a user's sessions begins that something at `earliest` may touch.

    `rows` is what was there before. Going back from the event, rows are touched as long as they belong together,
    in whatever pieces of a session they are.
    """
    start = earliest
    for row in sorted(rows, key=lambda row: row.event_at, reverse=True):
        if row.event_at < start and not rules.belong_together(row.event_at, start):
            break
        start = min(start, row.event_at)
    return start
