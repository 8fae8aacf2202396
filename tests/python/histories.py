"""Histories of users, as Hypothesis makes them up: rows of two feeds, each with the batch in which it comes.

A history is about one user, and now and then about a second one to whom an event is corrected or an account
moves. Rows of onboarding repeat what their file knows of milestones, and a later file may know otherwise.
Histories share nothing, so that thousands of them are built as one world, and the smallest that fails is the
example to look at.
"""

import csv
import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

US = timedelta(microseconds=1)
HALF_HOUR = timedelta(minutes=30)
EARLIEST = datetime(2000, 1, 1)  # of valid_time_from

HEADERS = {
    "chat_events": ["event_id", "user_id", "event_name", "event_at", "device_type", "loaded_at"],
    "onboarding_events": [
        "event_name",
        "event_dttm",
        "client_id",
        "account_id",
        "first_device_type_of_user",
        "client_creationdate",
        "ig_activation_dttm",
    ],
}

TAXONOMY = Path(__file__).resolve().parents[2] / "seeds" / "reference" / "event_taxonomy.csv"
UNKNOWN_NAMES = ["app open", "App_open"]
FILES_OF_A_BATCH = 2  # of each feed, at most
SPELLINGS = 5


def known_names() -> list[str]:
    """One event name of every category of the taxonomy."""
    with TAXONOMY.open(encoding="utf-8", newline="") as file:
        return list({row["event_category"]: row["event_name"] for row in csv.DictReader(file)}.values())


class Row(NamedTuple):
    """A row of a file.

    file       which of all files that come, in their order: FILES_OF_A_BATCH of each feed make a batch
    event      the event's id within its history; none in a feed without ids
    user       0, or 1 for the history's second user
    loaded_at  by the feed's own clock, where it has one
    spelling   how the moment is written
    created    what the file says of when the client was created, where it is of onboarding and says it
    activated  the same of when the account was activated
    """

    feed: str
    file: int
    event: str | None
    user: int
    account: str | None
    event_name: str
    event_at: datetime
    device_type: str | None
    loaded_at: datetime | None
    spelling: int
    created: datetime | None = None
    activated: datetime | None = None

    @property
    def batch(self) -> int:
        return self.file // FILES_OF_A_BATCH


class Told(NamedTuple):
    """An event as a history tells it: how long after the one before it, in which feed, in which file."""

    wait: timedelta
    feed: str
    event_name: str
    device_type: str | None
    delay: timedelta | None
    file: int


class Stated(NamedTuple):
    """What the files from this one on say of the milestones: how long after the history's beginning each was."""

    from_file: int
    created: timedelta | None
    activated: timedelta | None


class Change(NamedTuple):
    """What comes of an event later: its row once more, in this file, with these differences.

    event  which of the rows so far, counted round
    kind   repeat (in the same file), replay, or what is corrected: moment, name, device, user
    """

    event: int
    kind: str
    wait: timedelta
    event_name: str
    device_type: str | None
    delay: timedelta
    file: int


History = tuple[Row, ...]


# --- strategies ----------------------------------------------------------------------------

# Where a history begins: shortly before midnights, year ends and leap days, and on them.
starts = st.builds(
    lambda day, before: datetime.fromisoformat(day) - before,
    st.sampled_from(["2000-01-02", "2016-12-31", "2017-01-01", "2020-02-29", "2020-03-01", "2021-06-15", "2022-01-01"]),
    st.sampled_from([timedelta(0), US, timedelta(minutes=10), HALF_HOUR - US, HALF_HOUR, timedelta(hours=7)]),
)

# How long it is from one event to the next.
waits = st.one_of(
    st.sampled_from([timedelta(0), US, HALF_HOUR - US, HALF_HOUR, HALF_HOUR + US]),
    st.sampled_from([timedelta(0), timedelta(minutes=10), timedelta(minutes=20), timedelta(minutes=29, seconds=59)]),
    st.sampled_from([2 * HALF_HOUR - US, 2 * HALF_HOUR, timedelta(hours=23, minutes=30), timedelta(days=80)]),
    st.integers(0, 3_600_000_000).map(lambda count: count * US),
)

# How long after the history's beginning a milestone was, or before it.
offsets = st.one_of(st.none(), st.sampled_from([-HALF_HOUR, -HALF_HOUR + US, -US]), waits)

# How long after the event, by its feed's clock, a row was loaded. Five minutes before it is just allowed.
DELAYS = [timedelta(minutes=-5), timedelta(0), timedelta(seconds=1), HALF_HOUR, timedelta(days=40)]
delays = st.sampled_from(DELAYS)
delays_if_any = st.sampled_from([None, *DELAYS])

feeds = st.sampled_from(list(HEADERS))
event_names = st.sampled_from(known_names() + UNKNOWN_NAMES)
devices = st.sampled_from([None, "mobile", "desktop"])
kinds = st.sampled_from(["repeat", "replay", "replay", "moment", "moment", "name", "device", "user"])


def histories(batches: int) -> st.SearchStrategy[History]:
    """A history: events in order of time, each in a file of its own choice, and what comes of them later."""
    files = st.integers(0, batches * FILES_OF_A_BATCH - 1)
    told = st.builds(Told, waits, feeds, event_names, devices, delays_if_any, files)
    changes = st.builds(Change, st.integers(0, 9), kinds, waits, event_names, devices, delays, files)
    stated = st.builds(Stated, files, offsets, offsets)
    return st.builds(
        history,
        starts,
        st.lists(told, min_size=1, max_size=10),
        st.lists(changes, max_size=4),
        st.lists(stated, max_size=3),
    )


def history(start: datetime, told: list[Told], changes: list[Change], stated: list[Stated]) -> History:
    """The rows of a history."""
    rows = []
    moments = accumulate((event.wait for event in told[1:]), initial=start)
    for number, (event, event_at) in enumerate(zip(told, moments, strict=True)):
        if event.feed == "chat_events":
            rows.append(chat_row(number, event, event_at))
        else:
            rows.append(onboarding_row(event, event_at, device=told[0].device_type))
    for change in changes:
        rows.append(changed(rows[change.event % len(rows)], change, rows))
    return tuple(knowing(row, start, stated) for row in rows)


def knowing(row: Row, start: datetime, stated: list[Stated]) -> Row:
    """The row with what its file says of milestones, which is the same on all rows of a file."""
    known = [statement for statement in stated if statement.from_file <= row.file]
    if row.feed != "onboarding_events" or not known:
        return row
    _, created, activated = max(known, key=lambda statement: statement.from_file)
    return row._replace(
        created=None if created is None else start + created,
        activated=None if activated is None or row.account is None else start + activated,
    )


def chat_row(number: int, event: Told, event_at: datetime) -> Row:
    """An event with an id, by its feed's own clock or by that of the file. Ids are in no order."""
    return Row(
        feed=event.feed,
        file=event.file,
        event=f"{'0f7a'[number % 4]}{number}",
        user=0,
        account=None,
        event_name=event.event_name,
        event_at=event_at,
        device_type=event.device_type,
        loaded_at=None if event.delay is None else event_at + event.delay,
        spelling=number % SPELLINGS,
    )


def onboarding_row(event: Told, event_at: datetime, device: str | None) -> Row:
    """An event without an id or a clock. The device is the user's, and so the same on all copies of an event."""
    return Row(
        feed=event.feed,
        file=event.file,
        event=None,
        user=0,
        account="account" if event.delay else None,
        event_name=event.event_name,
        event_at=event_at,
        device_type=device,
        loaded_at=None,
        spelling=0,
    )


def changed(row: Row, change: Change, rows: list[Row]) -> Row:
    """A row as it comes again.

    A repeat is a duplicate where there are ids, and another event where there are none. A replay may say
    that the row was loaded at another moment, old as it may be. A correction keeps the id, so that without
    ids there is none; it holds where it was loaded last. There another user means that the account has moved
    to one, as another event says; never at the very moment of one that says otherwise.
    """
    again = row._replace(spelling=len(rows) % SPELLINGS)
    if change.kind == "repeat":
        return again
    again = again._replace(file=change.file)
    if change.kind == "user" and row.account:
        return again._replace(user=1 - row.user, event_at=row.event_at + 7 * len(rows) * US)
    if change.kind == "replay" or row.event is None:
        return loaded(again, change.delay, rows) if row.loaded_at else again
    is_earlier = change.event % 2 and row.event_at - change.wait >= EARLIEST
    corrected = {
        "moment": {"event_at": row.event_at - change.wait if is_earlier else row.event_at + change.wait},
        "name": {"event_name": change.event_name},
        "device": {"device_type": change.device_type},
        "user": {"user": 1 - row.user},
    }
    return loaded(again._replace(**corrected[change.kind]), change.delay, rows)


def loaded(row: Row, delay: timedelta, rows: list[Row]) -> Row:
    """The row loaded so long after its event; or, where another row of its id was at that moment, right after."""
    taken = {other.loaded_at for other in rows if other.event == row.event}
    loaded_at = row.event_at + delay
    while loaded_at in taken:
        loaded_at += US
    return row._replace(loaded_at=loaded_at)


def draw_histories(count: int, batches: int, seed_number: int) -> list[History]:
    """The different ones among this many histories, the same for the same seed."""
    drawn: dict[History, None] = {}

    @seed(seed_number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(histories(batches))
    def collect(one):
        drawn[one] = None

    collect()
    return list(drawn)


# --- files ---------------------------------------------------------------------------------


def user_id(history: int, user: int) -> str:
    return f"user {history}" if user == 0 else f"user {history} b"


def history_of(user: str) -> int:
    """Which history a user belongs to."""
    return int(user.split()[1])


def fields(history: int, row: Row) -> list[str]:
    """The row as it stands in its file."""
    user, event_at, device = user_id(history, row.user), spelled(row.event_at, row.spelling), row.device_type or ""
    if row.feed == "onboarding_events":
        account = f"{row.account} {history}" if row.account else ""
        dates = [str(date) if date else "" for date in (row.created, row.activated)]
        return [row.event_name, event_at, user, account, device, *dates]
    loaded_at = str(row.loaded_at) if row.loaded_at else ""
    return [f"{row.event}-{history}", user, row.event_name, event_at, device, loaded_at]


def spelled(moment: datetime, spelling: int) -> str:
    """A moment in one of five ways to write it."""
    plain = moment.isoformat(" ", "microseconds")
    elsewhere = (moment + timedelta(hours=5, minutes=30)).isoformat("T", "microseconds")
    return [plain, f"{plain}999", plain.replace(" ", "T") + "Z", f"{elsewhere}+05:30", f"  {plain} "][spelling]


def write_batch(raw_dir: Path, world: Iterable[tuple[int, Row]], batch: int) -> None:
    """Adds the files of a batch to the feeds' folders. Rows of all users stand mixed in them.

    Every other batch brings its first file under two names.
    """
    files = defaultdict(list)
    for history, row in world:
        if row.batch == batch:
            files[(row.feed, row.file)].append(fields(history, row))
    for (feed, file), lines in files.items():
        random.Random(batch).shuffle(lines)
        write_file(raw_dir / feed / f"file_{file}.csv", HEADERS[feed], lines)
        if file % (2 * FILES_OF_A_BATCH) == FILES_OF_A_BATCH:
            write_file(raw_dir / feed / f"file_{file}_again.csv", HEADERS[feed], lines)


def write_file(path: Path, header: list[str], lines: list[list[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *lines])


def write_replay(raw_dir: Path) -> None:
    """Adds every file once more: one of each feed as it is, the others in another order of rows."""
    for feed, header in HEADERS.items():
        for number, path in enumerate(sorted((raw_dir / feed).glob("*.csv"))):
            with path.open(encoding="utf-8", newline="") as file:
                _, *lines = csv.reader(file)
            write_file(path.with_name(f"replay_of_{path.name}"), header, lines[::-1] if number else lines)
