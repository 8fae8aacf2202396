"""Sessions and days stay right however events arrive: incremental = full refresh = a reference in plain Python.

Hypothesis makes up thousands of histories, which are one world: they arrive together in a few batches, one of
them a mere replay. After every batch all tables are compared as multisets of whole rows, and the rows that
were written with those that had to be. As histories share nothing, the one shown on failure is the smallest of
those that fail.

ENGAGEMENT_LONG_TESTS=1 builds more and larger worlds.
"""

import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
from conftest import Build, run_dbt
from histories import (
    TAXONOMY,
    History,
    draw_histories,
    fields,
    history_of,
    user_id,
    write_batch,
    write_file,
    write_replay,
)
from oracle import activity
from oracle import sessions as oracle
from test_activity_marts import VARIABLES, read_activity_names

LONG = os.environ.get("ENGAGEMENT_LONG_TESTS") == "1"
SEEDS = range(1, 6) if LONG else [1]
DRAWN = 10_000 if LONG else 2_600  # histories; some are drawn twice, and count once
BATCHES = 8 if LONG else 4
REPLAY_AFTER = 2

RULES = oracle.Rules()
OTHER_RULES = oracle.Rules(gap_inclusive=True, max_hours=1)
ZONES = {RULES: "America/Sao_Paulo", OTHER_RULES: "UTC"}  # of the days in which each world is told
NOTHING_BUT_MODELS = ["--select", "+fct_sessions", "+int_user_days", "--exclude-resource-type", "test", "unit_test"]
TABLES = {
    "intermediate.int_events_sessionized": oracle.SessionEvent,
    "marts.fct_sessions": oracle.Session,
    "intermediate.int_user_days": activity.EventDay,
}
PARTS = ["feeds", "home/raw", "home/build"]  # of a world
ROWS_SHOWN = 40


class Tables(NamedTuple):
    events: list[oracle.SessionEvent]
    sessions: list[oracle.Session]
    days: list[activity.EventDay]


# --- building ------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """A folder with feeds and a home beside them."""

    folder: Path

    @property
    def feeds(self) -> Path:
        return self.folder / "feeds"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def copy(self, name: str) -> "World":
        """The world as it is now: with its warehouse, and with when each file was first loaded."""
        copy = World(self.folder.with_name(name))
        for part in PARTS:
            shutil.copytree(self.folder / part, copy.folder / part)
        return copy

    def become(self, other: "World") -> None:
        """Moves another world to this place. What dbt has parsed here stays, and is not parsed anew."""
        for part in PARTS:
            shutil.rmtree(self.folder / part, ignore_errors=True)
            (self.folder / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(other.folder / part, self.folder / part)

    def build(self, *arguments: str, rules: oracle.Rules = RULES) -> Build:
        """Builds the sessions. Any share of rows may be rejected, as corrected ones are."""
        variables = {
            "max_rejected_share": 1,
            "session_gap_minutes": rules.gap_minutes,
            "session_gap_inclusive": rules.gap_inclusive,
            "session_max_hours": rules.max_hours,
            "reporting_timezone": ZONES[rules],
        }
        build = run_dbt(
            self.feeds, self.home, "build", *NOTHING_BUT_MODELS, "--vars", json.dumps(variables), *arguments
        )
        assert build.status == 0, build.output
        return build

    def expect(self, found: Tables, rules: oracle.Rules = RULES) -> Tables:
        """What the files that are here give. `found` lends the ids that are hashes."""
        events = oracle.read_events(self.feeds, self.home / "raw" / "files.json")
        rows = oracle.sessionize(oracle.with_ids(events, found.events), rules)
        return Tables(rows, oracle.summarize(rows, oracle.read_categories(TAXONOMY)), days_of(rows, ZONES[rules]))


def days_of(rows: list[oracle.SessionEvent], zone: str) -> list[activity.EventDay]:
    """The days of activity that events make."""
    names = read_activity_names()
    activities = [
        activity.Activity(row.user_id, row.event_at, row.session_id, int(row.event_name == VARIABLES["message_event"]))
        for row in rows
        if row.event_name in names
    ]
    return activity.event_days(activities, activity.Calendar(zone))


def read_tables(build: Build) -> Tables:
    """All tables, as they stand in the warehouse."""
    tables = []
    for table, kind in TABLES.items():
        rows = build.query(f"select {', '.join(kind._fields)} from {table}")
        tables.append([kind(*row) for row in rows])
    return Tables(*tables)


class SessionNames:
    """Which session has which id. One that ever had an id keeps it, in whatever build, and alone."""

    def __init__(self):
        self._id_of: dict[tuple, str] = {}
        self._name_of: dict[str, tuple] = {}

    def put_into(self, tables: Tables) -> Tables:
        """The tables with the names of sessions, (user_id, id of the first event), in the place of their ids."""
        for row in tables.events:
            if row.position_in_session == 1:
                self._learn((row.user_id, row.event_id), row.session_id)
        events, sessions = ([self._named(row) for row in rows] for rows in tables[:2])
        return Tables(events, sessions, tables.days)

    def _named(self, row: NamedTuple) -> NamedTuple:
        return row._replace(session_id=self._name_of.get(row.session_id))

    def _learn(self, name: tuple, session_id: str) -> None:
        assert self._id_of.setdefault(name, session_id) == session_id, f"{name} was called otherwise before"
        assert self._name_of.setdefault(session_id, name) == name, f"two sessions are called {session_id}"


# --- comparing -----------------------------------------------------------------------------


def surplus(left: Tables, right: Tables) -> list[NamedTuple]:
    """The rows that `left` has and `right` has not, or not as often."""
    return [row for table in range(len(left)) for row in (Counter(left[table]) - Counter(right[table])).elements()]


def assert_same(where: str, expected: Tables, found: Tables, histories: list[History]) -> None:
    """Fails where the tables differ, and shows the smallest history that does."""
    missing, unexpected = surplus(expected, found), surplus(found, expected)
    wrong = {history_of(row.user_id) for row in missing + unexpected}
    if not wrong:
        return
    number = min(wrong, key=lambda number: (len(histories[number]), number))
    users = {user_id(number, user) for user in (0, 1)}
    pytest.fail(
        "\n".join(
            [
                f"{where}: {len(wrong)} of {len(histories)} histories differ. The smallest is history {number}:",
                *listed(f"batch {row.batch} {row.feed}: {fields(number, row)}" for row in histories[number]),
                *listed(f"expected {shown(row)}" for row in missing if row.user_id in users),
                *listed(f"found    {shown(row)}" for row in unexpected if row.user_id in users),
            ]
        ),
        pytrace=False,
    )


def listed(lines: Iterable[str]) -> list[str]:
    lines = [f"  {line}" for line in lines]
    return lines if len(lines) <= ROWS_SHOWN else [*lines[:ROWS_SHOWN], f"  and {len(lines) - ROWS_SHOWN} more"]


def shown(row: NamedTuple) -> str:
    """A row without its zeros, in short."""
    values = {name: value for name, value in row._asdict().items() if not name.endswith("_event_count") or value}
    return ", ".join(f"{name}={value}" for name, value in values.items())


def written(build: Build) -> tuple[int, int, int]:
    """What a run says of itself: events that came in, rows of events and sessions written."""
    number = r"(?<![\d,])([\d,]+)"
    patterns = [
        rf"int_events_sessionized: {number} events? came in",
        rf"int_events_sessionized: .*{number} rows? written",
        rf"fct_sessions: .*{number} rows? written",
    ]
    said = [re.findall(pattern, build.output) for pattern in patterns]
    assert [len(numbers) for numbers in said] == [1, 1, 1], build.output
    return tuple(int(one.replace(",", "")) for [one] in said)


def assert_in_proportion(where: str, build: Build, cost: oracle.Cost) -> None:
    """Fails where a run wrote more than the sessions it touched and those after them."""
    _, rows, sessions = written(build)
    assert rows <= cost.event_rows, f"{where}: {rows} rows written, where {cost} would do"
    assert sessions <= cost.sessions, f"{where}: {sessions} sessions written, where {cost} would do"


# --- the property --------------------------------------------------------------------------


@pytest.mark.parametrize("seed_number", SEEDS)
def test_however_events_arrive(seed_number, tmp_path):
    histories = draw_histories(DRAWN, BATCHES, seed_number)
    rows = [(number, row) for number, history in enumerate(histories) for row in history]
    world, place = World(tmp_path / "world"), World(tmp_path / "refreshed")
    names, before, refreshes = SessionNames(), Tables([], [], []), []
    with ThreadPoolExecutor(max_workers=1) as beside:
        for step in steps():
            bring(world, rows, step)
            build = world.build()
            incremental = read_tables(build)
            after = names.put_into(incremental)
            assert_same(f"{step}, incremental", world.expect(after), after, histories)
            if before.events:
                assert_in_proportion(step, build, oracle.cost_of_batch(before.events, after.events, RULES))
            if step == "replay":
                assert written(build) == (0, 0, 0)
            refreshes.append((step, incremental, beside.submit(refreshed, place, world.copy(f"after {step}"))))
            before = after
        for step, incremental, refresh in refreshes:
            assert_same(f"{step}, full refresh", incremental, refresh.result(), histories)


def steps() -> list[str]:
    """The batches in the order in which they come, and a replay of the first ones among them."""
    batches = [f"batch {batch}" for batch in range(BATCHES)]
    return [*batches[:REPLAY_AFTER], "replay", *batches[REPLAY_AFTER:]]


def bring(world: World, rows: list, step: str) -> None:
    """Adds the files of a step."""
    if step == "replay":
        write_replay(world.feeds)
    else:
        write_batch(world.feeds, rows, int(step.split()[1]))


def refreshed(place: World, copy: World) -> Tables:
    """The tables after a full refresh of a copy, moved to this place."""
    place.become(copy)
    return read_tables(place.build("--full-refresh"))


def test_other_rules_and_rows_left_alone(tmp_path):
    """Exactly the gap stays in, and sessions are cut by hours: a first build, and a batch of a few users on top.

    Before the batch every row is marked where nothing is computed from it. What loses its mark has been written,
    whatever the run says of itself; the rest is compared too.
    """
    histories = draw_histories(800, 2, seed_number=7)
    rows = [(number, row) for number, history in enumerate(histories) for row in history]
    world, names = World(tmp_path / "world"), SessionNames()
    write_batch(world.feeds, rows, 0)
    build = world.build(rules=OTHER_RULES)
    before = names.put_into(read_tables(build))
    assert_same("batch 0, other rules", world.expect(before, OTHER_RULES), before, histories)
    mark(build)
    write_batch(world.feeds, [(number, row) for number, row in rows if number % 4 == 0], 1)
    found = names.put_into(read_tables(world.build(rules=OTHER_RULES)))
    expected = world.expect(found, OTHER_RULES)
    cost = oracle.cost_of_batch(before.events, expected.events, OTHER_RULES)
    written_rows = [
        sum(getattr(row, column) != MARK for row in table) for table, column in zip(found, MARKED, strict=True)
    ]
    assert 0 < written_rows[0] <= cost.event_rows < len(found.events) / 2
    assert 0 < written_rows[1] <= cost.sessions < len(found.sessions) / 2
    assert 0 < written_rows[2] < len(found.days) / 2
    assert_same("batch 1, other rules", expected, unmarked(found, expected), histories)


MARK = -1
MARKED = ["seconds_since_previous_event", "distinct_event_count", "message_count"]  # of each table


def mark(build: Build) -> None:
    """Marks every row that is there."""
    with duckdb.connect(str(build.build_file)) as warehouse:
        for table, column in zip(TABLES, MARKED, strict=True):
            warehouse.execute(f"update {table} set {column} = {MARK}")


def unmarked(found: Tables, expected: Tables) -> Tables:
    """The tables with what is expected in the place of every mark."""
    tables = []
    for rows, wanted, column in zip(found, expected, MARKED, strict=True):
        value_of = {row[:2]: getattr(row, column) for row in wanted}
        tables.append(
            [row._replace(**{column: value_of.get(row[:2])}) if getattr(row, column) == MARK else row for row in rows]
        )
    return Tables(*tables)


def test_clocks_that_are_set_back_at_midnight(tmp_path):
    """In Newfoundland they once were a minute after it: a day ended, the next began, and the first came back.

    Two late events lie in that minute, which is of the 7th, and after it, on the 6th once more.
    """
    feeds, header = tmp_path / "feeds", ["event_id", "user_id", "event_name", "event_at"]
    batches = {"on_time": [("a", "02:45:00")], "late": [("b", "02:30:30"), ("c", "02:50:00")]}
    for name, told in batches.items():
        rows = [[event, "user", "app_open", f"2010-11-07 {at}"] for event, at in told]
        write_file(feeds / "chat_events" / f"{name}.csv", header, rows)
        build = run_dbt(
            feeds, tmp_path / "home", "build", *NOTHING_BUT_MODELS,
            "--vars", json.dumps({"reporting_timezone": "America/St_Johns"}),
        )  # fmt: skip
        assert build.status == 0, build.output
    days = build.query("select cast(active_on as varchar), event_count from intermediate.int_user_days order by all")
    assert days == [("2010-11-06", 2), ("2010-11-07", 1)]


# --- the reference itself, by hand ---------------------------------------------------------

NOON = datetime(2024, 2, 29, 12)


def at(minutes: float, event_id: str = "", loaded: float = 0, microseconds: int = 0) -> oracle.Event:
    """An event so many minutes after noon, called by its minute."""
    event_id = event_id or f"e{minutes:+g}"
    return oracle.Event(
        key=(event_id,),
        event_id=event_id,
        user_id="user 0",
        account_id=None,
        event_name="app_open",
        event_at=NOON + timedelta(minutes=minutes, microseconds=microseconds),
        device_type=None,
        feed="chat_events",
        loaded_at=NOON + timedelta(days=loaded),
    )


def cut(events: list[oracle.Event], rules: oracle.Rules = RULES) -> list[list[str]]:
    """The ids of the events of each session, in order."""
    sessions: dict[int, list] = {}
    for row in oracle.sessionize(events, rules):
        sessions.setdefault(row.session_number, []).append(row.event_id)
        assert row.position_in_session == len(sessions[row.session_number])
        assert row.session_id == ("user 0", sessions[row.session_number][0])
    return list(sessions.values())


BASE = [at(0), at(20), at(60), at(75)]  # two sessions, 40 minutes apart


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        pytest.param(at(-29), [["e-29", "e+0", "e+20"], ["e+60", "e+75"]], id="extends at the front"),
        pytest.param(at(104), [["e+0", "e+20"], ["e+60", "e+75", "e+104"]], id="extends at the end"),
        pytest.param(at(40), [["e+0", "e+20", "e+40", "e+60", "e+75"]], id="bridges"),
        pytest.param(at(-30), [["e-30"], ["e+0", "e+20"], ["e+60", "e+75"]], id="precedes everything"),
        pytest.param(at(105), [["e+0", "e+20"], ["e+60", "e+75"], ["e+105"]], id="follows everything"),
        pytest.param(at(0, "d"), [["d", "e+0", "e+20"], ["e+60", "e+75"]], id="ties, and comes first by its id"),
        pytest.param(at(0, "f"), [["e+0", "f", "e+20"], ["e+60", "e+75"]], id="ties, and comes second"),
    ],
)
def test_reference_takes_in_a_late_event(late, expected):
    assert cut(BASE) == [["e+0", "e+20"], ["e+60", "e+75"]]
    assert cut([*BASE, late]) == expected
    assert cut([late, *reversed(BASE)]) == expected


@pytest.mark.parametrize("moved", [at(200, "e+20"), at(-200, "e+20")])
def test_reference_splits_off_what_a_moved_event_held_together(moved):
    bridged = [at(0), at(20), at(40)]
    assert cut(bridged) == [["e+0", "e+20", "e+40"]]
    alone = cut([bridged[0], moved, bridged[2]])
    assert sorted(alone) == [["e+0"], ["e+20"], ["e+40"]]


def test_reference_knows_both_sides_of_the_gap():
    just_less, exactly, more = at(30, "b", microseconds=-1), at(30, "b"), at(30, "b", microseconds=1)
    assert cut([at(0), just_less]) == [["e+0", "b"]]
    assert cut([at(0), exactly]) == [["e+0"], ["b"]]
    inclusive = oracle.Rules(gap_inclusive=True)
    assert cut([at(0), exactly], inclusive) == [["e+0", "b"]]
    assert cut([at(0), more], inclusive) == [["e+0"], ["b"]]


def test_reference_cuts_pieces_from_the_first_event_of_the_gap_session():
    """Pieces are [0, 60) and [60, 120) minutes from the first event: a cut does not begin the count anew."""
    every_25 = [at(minutes) for minutes in (0, 25, 50, 75, 100, 120, 145)]
    assert cut(every_25, oracle.Rules(max_hours=1)) == [["e+0", "e+25", "e+50"], ["e+75", "e+100"], ["e+120", "e+145"]]
    assert cut([at(-20), *every_25], oracle.Rules(max_hours=1)) == [
        ["e-20", "e+0", "e+25"],
        ["e+50", "e+75"],
        ["e+100", "e+120", "e+145"],
    ]


def test_reference_summarizes_a_session():
    events = [
        at(0, "a", loaded=1)._replace(event_name="x"),
        at(10, "b", loaded=0)._replace(event_name="y", device_type="mobile"),
        at(10, "c", loaded=1, microseconds=5)._replace(event_name="x", device_type="desktop"),
        at(60, "d", loaded=0),
    ]
    rows = oracle.sessionize(events, RULES)
    assert [row.seconds_since_previous_event for row in rows] == [None, 600.0, 0.000005, 2999.999995]
    first, second = oracle.summarize(rows, {"x": "chat", "y": "billing"})
    assert first[:13] == (
        ("user 0", "a"), "user 0", 1, NOON, events[2].event_at, 600.000005, 3, 2, "x", "x", "mobile", True, True
    )  # fmt: skip
    assert (first.chat_event_count, first.billing_event_count, first.other_event_count) == (2, 1, 0)
    assert (second.is_first_session, second.is_late_revised, second.other_event_count) == (False, False, 1)


def test_reference_counts_what_a_batch_touches():
    """An event at 104 touches the second session alone; one that leaves 0 for 104 touches both."""
    before = oracle.sessionize(BASE, RULES)
    cost = oracle.cost_of_batch(before, oracle.sessionize([*BASE, at(104)], RULES), RULES)
    assert cost == (1, 1, 3, 1)
    cost = oracle.cost_of_batch(before, oracle.sessionize([at(104, "e+0"), *BASE[1:]], RULES), RULES)
    assert cost == (1, 1, 4, 2)
    assert oracle.cost_of_batch(before, before, RULES) == (0, 0, 0, 0)


def test_reference_tells_events_from_copies():
    first, second = datetime(2024, 1, 2), datetime(2024, 1, 3)
    row = {"event_id": "1", "user_id": "u", "event_name": "x", "event_at": "2024-01-01 00:00:00", "device_type": ""}
    corrected = row | {"event_at": "2024-01-01T03:00:00.5+02:00", "loaded_at": "2024-01-01 02:00:00"}
    older = corrected | {"loaded_at": "2024-01-01 01:00:00", "user_id": " u "}
    [event] = oracle.chat_events([oracle.File(first, [row]), oracle.File(second, [older, row, corrected])])
    assert (event.event_at, event.loaded_at) == (datetime(2024, 1, 1, 1, 0, 0, 500000), datetime(2024, 1, 1, 1))
    [event] = oracle.chat_events([oracle.File(second, [row]), oracle.File(first, [row])])
    assert event.loaded_at == first
    twice = {"client_id": "u", "event_name": "x", "event_dttm": "2024-01-01 00:00:00"}
    events = oracle.onboarding_events([oracle.File(first, [twice]), oracle.File(second, [twice, twice])])
    assert sorted(event.loaded_at for event in events) == [first, second]


def test_reference_dates_milestones_as_the_last_file_does():
    first, second, third = (datetime(2024, 1, day) for day in (2, 3, 4))
    row = {"client_id": "u", "account_id": "a", "event_name": "x", "event_dttm": "2024-01-01 00:00:00"}
    noon, later = "2024-01-01 12:00:00", "2024-01-01 13:30:00"
    files = [
        oracle.File(first, [row | {"client_creationdate": noon, "ig_activation_dttm": noon}]),
        oracle.File(second, [row | {"client_creationdate": noon, "ig_activation_dttm": later}]),
        oracle.File(third, [row | {"client_id": "v"}]),
    ]
    created, activated = oracle.milestones(files)
    assert (created.user_id, created.account_id, created.event_name) == ("u", None, "milestone.client_created")
    assert (created.event_at, created.loaded_at) == (datetime(2024, 1, 1, 12), first)
    assert (activated.user_id, activated.account_id, activated.event_name) == ("v", "a", "milestone.ig_activated")
    assert (activated.event_at, activated.loaded_at) == (datetime(2024, 1, 1, 13, 30), second)
    otherwise = oracle.File(first, [row, row | {"ig_activation_dttm": noon}])
    with pytest.raises(ValueError, match="not covered here"):
        oracle.milestones([otherwise])
