"""Every variant of a funnel gives what a brute-force reference gives, over thousands of made-up users.

The users are one world, built once; as they share nothing, the one shown on failure is the smallest that fails.
The funnels are put into the reference tables in place of those that come with the project, as rows, which is
how an analyst adds one.
"""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from conftest import Build, run_dbt
from journeys import DAY, ENDS, Journey, draw_journeys, funnels, steps_of, write_world
from oracle import funnels as oracle
from oracle import paths
from oracle import sessions as session_oracle
from tables import assert_alike

DRAWN = 3_000
STEPS_SHOWN = 10
FUNNEL_SEEDS = ["funnels", "funnel_steps", "funnel_exclusions"]
STREAM = ["int_feeds_observed", "int_milestones_sessionized", "int_sessions_before_activation_counted"]
ON_STREAM = ["int_funnel_*", "fct_funnel_users", "agg_funnel_steps", "agg_step_timings"]
PATHS = ["agg_event_transitions", "agg_step_matrix"]


class World:
    """The journeys, built, and what the reference says of them."""

    def __init__(self, folder: Path):
        self.journeys = draw_journeys(DRAWN, seed_number=1)
        self.funnels = funnels()
        feeds, home = folder / "feeds", folder / "home"
        write_world(feeds, self.journeys)
        stream = dbt(feeds, home, "build", *(f"+{name}" for name in STREAM), *FUNNEL_SEEDS, "event_taxonomy")
        put_funnels(stream.build_file, self.funnels)
        self.build = dbt(feeds, home, "run", *ON_STREAM, *PATHS)
        self.stream = read_stream(self.build, feeds, home)
        self.passages = oracle.passages(self.funnels, self.stream, ENDS)

    def rows(self, kind: type, table: str) -> list[tuple]:
        return [kind(*row) for row in self.build.query(f"select {', '.join(kind._fields)} from {table}")]


def dbt(feeds: Path, home: Path, command: str, *selected: str) -> Build:
    """Runs models and seeds, without tests: those of the seeds know the project's own rows."""
    kinds = ["--exclude-resource-type", "test", "unit_test"] if command == "build" else []
    done = run_dbt(feeds, home, command, "--select", *selected, *kinds)
    assert done.status == 0, done.output
    return done


def put_funnels(build_file: Path, chosen: list[oracle.Funnel]) -> None:
    """Replaces the rows of the reference tables."""
    rows = {
        "funnels": [(one.name, one.kind, one.is_every_touch, one.window_days, False) for one in chosen],
        "funnel_steps": [
            (one.name, number, one.name_of_step(number) if one.kind != "any_order" else "-", name)
            for one in chosen
            for number, names in enumerate(one.steps, start=1)
            for name in names
        ],
        "funnel_exclusions": [(one.name, name) for one in chosen for name in one.exclusions],
    }
    with duckdb.connect(str(build_file)) as warehouse:
        for table, of_table in rows.items():
            warehouse.execute(f"delete from reference.{table}")
            places = ", ".join("?" * len(of_table[0]))
            warehouse.executemany(f"insert into reference.{table} values ({places})", of_table)


def read_stream(build: Build, feeds: Path, home: Path) -> list[oracle.Event]:
    """The events of the files, in sessions by the reference. Ids that are hashes come from the warehouse."""
    kind = session_oracle.SessionEvent
    found = build.query(f"select {', '.join(kind._fields)} from intermediate.int_events_sessionized")
    events = session_oracle.read_events(feeds, home / "raw" / "files.json")
    rows = session_oracle.sessionize(
        session_oracle.with_ids(events, [kind(*row) for row in found]), session_oracle.Rules()
    )
    return [
        oracle.Event(row.event_id, row.user_id, row.event_name, row.event_at, row.feed, row.session_number)
        for row in rows
    ]


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> World:
    return World(tmp_path_factory.mktemp("journeys"))


# --- the property --------------------------------------------------------------------------


def test_who_got_how_far_and_when(world):
    wanted = [one.user for one in world.passages]
    found = world.rows(oracle.FunnelUser, "marts.fct_funnel_users")
    assert len({row.funnel_name for row in wanted}) == len(world.funnels)
    fail_on_difference(world.journeys, wanted, found)


def test_when_each_step_was_reached(world):
    wanted = [
        (one.user.user_id, one.user.funnel_name, one.user.scope, number, moment)
        for one in world.passages
        for number, moment in enumerate(one.reached, start=1)
    ]
    columns = "user_id, funnel_name, scope, step_number, reached_at"
    found = world.build.query(f"select {columns} from intermediate.int_funnel_steps_reached")
    assert Counter(found) == Counter(wanted)


def test_users_by_step(world):
    assert_alike(oracle.steps(world.funnels, world.passages), world.rows(oracle.FunnelStep, "marts.agg_funnel_steps"))


def test_times_between_steps(world):
    wanted = oracle.timings(world.funnels, world.passages)
    assert_alike(wanted, world.rows(oracle.StepTiming, "marts.agg_step_timings"))


def test_paths(world):
    events = [
        paths.PathEvent(one.event_id, one.user_id, one.event_name, one.event_at, one.session_number)
        for one in world.stream
    ]
    assert_alike(paths.transitions(events, {}, {}), world.rows(paths.Transition, "marts.agg_event_transitions"))
    assert_alike(paths.step_matrix(events, {}, {}, steps=10), world.rows(paths.Cell, "marts.agg_step_matrix"))


def test_the_world_has_what_is_easily_got_wrong(world):
    """Edges of windows, ties, exclusions, incomplete entrants, attempts after the first: all of them, and often."""
    users = [one.user for one in world.passages]
    reached = [(one.user.furthest_step_at - one.user.entered_at) for one in world.passages]
    first_touch = {one.name.replace(" every touch", ""): one.name for one in world.funnels if one.is_every_touch}
    entered = {(row.funnel_name, row.scope, row.user_id): row.entered_at for row in users}
    later_attempts = sum(
        entered[every_touch, scope, user_id] > entered_at
        for (name, scope, user_id), entered_at in entered.items()
        if (every_touch := first_touch.get(name)) is not None
    )
    assert sum(wait == DAY for wait in reached) > 100
    assert sum(wait == timedelta(0) and row.is_converted for wait, row in zip(reached, users, strict=True)) > 100
    assert sum(row.is_excluded for row in users) > 1000
    assert sum(not row.is_complete for row in users) > 1000
    assert later_attempts > 1000
    known = {oracle.known_until(one, world.stream, ENDS) for one in world.funnels}
    assert known == set(ENDS.values())


def fail_on_difference(journeys: list[Journey], wanted: list, found: list) -> None:
    """Fails where rows of users differ, and shows the shortest journey of those."""
    missing, unexpected = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
    numbers = {int(row.user_id.split()[1]) for row in [*missing, *unexpected]}
    if not numbers:
        return
    number = min((number for number in numbers if number < len(journeys)), key=lambda one: (len(journeys[one]), one))
    lines = [f"{len(numbers)} of {len(journeys)} journeys differ. The shortest is {number}:"]
    lines += [f"  {row.feed} {row.event_at} {row.event} {row.event_name}" for row in journeys[number]]
    for title, rows in (("expected", missing), ("found", unexpected)):
        of_user = sorted(str(row) for row in rows if row.user_id == f"user {number}")
        lines += [f"  {title} {row}" for row in of_user[:STEPS_SHOWN]]
    pytest.fail("\n".join(lines), pytrace=False)


# --- the reference itself ------------------------------------------------------------------


def test_reference_gets_as_far_as_any_choice_of_events():
    """To take the earliest event that fits never costs a step: tried with every choice of events, in every order."""
    names = ["a b c", "a a b", "a b a", "a b a b", "ab c ab"]
    for text in names:
        funnel = oracle.Funnel("", steps_of(text), window_days=1)
        for number, journey in enumerate(draw_journeys(400, seed_number=2)):
            events = [oracle.Event(row.event, "", row.event_name, row.event_at, row.feed, 1) for row in journey]
            for entry in oracle.entries(funnel, events):
                reached = len(oracle.attempt(funnel, events, entry).reached)
                assert reached == furthest(funnel, events, [entry]), (text, number)


def furthest(funnel: oracle.Funnel, events: list[oracle.Event], taken: list[oracle.Event]) -> int:
    """How many steps can be reached from those taken, over every choice of the next event."""
    if len(taken) == len(funnel.steps):
        return len(taken)
    choices = [
        event
        for event in events
        if event not in taken
        and event.event_name in funnel.steps[len(taken)]
        and taken[-1].event_at <= event.event_at <= taken[0].event_at + funnel.window
    ]
    return max((furthest(funnel, events, [*taken, event]) for event in choices), default=len(taken))
