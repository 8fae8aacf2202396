"""Funnels and paths of the sample, against references that share nothing with the models.

What they start from is tested elsewhere: the events in their sessions, the milestones, who activated when.
"""

import csv
from collections import defaultdict

import pytest
import yaml
from conftest import PROJECT
from histories import TAXONOMY
from oracle import funnels as oracle
from oracle import paths
from oracle.sessions import read_categories
from tables import assert_alike

SEEDS = PROJECT / "seeds" / "reference"
VARIABLES = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]


def read_seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_funnels() -> list[oracle.Funnel]:
    """The funnels that come with the project."""
    steps, exclusions = defaultdict(lambda: defaultdict(list)), defaultdict(set)
    for row in read_seed("funnel_steps"):
        steps[row["funnel_name"]][int(row["step_number"])].append((row["step_name"], row["event_name"]))
    for row in read_seed("funnel_exclusions"):
        exclusions[row["funnel_name"]].add(row["event_name"])
    return [
        oracle.Funnel(
            name=row["funnel_name"],
            kind=row["kind"],
            is_every_touch=row["is_every_touch"] == "true",
            window_days=int(row["window_days"]),
            is_of_new_clients=row["is_of_new_clients"] == "true",
            steps=tuple(frozenset(name for _, name in taking) for _, taking in sorted(of_funnel.items())),
            step_names=tuple(taking[0][0] for _, taking in sorted(of_funnel.items())),
            exclusions=frozenset(exclusions[row["funnel_name"]]),
        )
        for row in read_seed("funnels")
        for of_funnel in [steps[row["funnel_name"]]]
    ]


@pytest.fixture(scope="module")
def funnels():
    return read_funnels()


@pytest.fixture(scope="module")
def passages(sample_build, funnels):
    side_effects = {
        event_id
        for (event_id,) in sample_build.query(
            "select event_id from intermediate.int_milestones where is_trial_side_effect"
        )
    }
    events = [
        oracle.Event(*row)
        for row in sample_build.query(
            "select event_id, user_id, event_name, event_at, feed, session_number "
            "from intermediate.int_events_sessionized"
        )
        if row[0] not in side_effects
    ]
    ends = {
        "chat_events": max(event.event_at for event in events if event.feed == "chat_events"),
        "onboarding_events": max(event.event_at for event in events if event.feed != "chat_events"),
    }
    ends["milestones"] = ends["onboarding_events"]
    new_clients = sample_build.query(
        "select client_id from staging.stg_onboarding__clients "
        f"where created_at >= timestamp '{VARIABLES['onboarding_new_clients_from']}'"
    )
    assert len(side_effects) > 1
    return oracle.passages(funnels, events, ends, frozenset(client for (client,) in new_clients))


def rows(build, kind: type, mart: str) -> list[tuple]:
    return [kind(*row) for row in build.query(f"select {', '.join(kind._fields)} from marts.{mart}")]


def test_who_got_how_far(sample_build, passages):
    wanted = [one.user for one in passages]
    assert_alike(wanted, rows(sample_build, oracle.FunnelUser, "fct_funnel_users"))
    assert {row.is_excluded for row in wanted} == {row.is_complete for row in wanted} == {False, True}


def test_users_by_step(sample_build, funnels, passages):
    assert_alike(oracle.steps(funnels, passages), rows(sample_build, oracle.FunnelStep, "agg_funnel_steps"))


def test_times_between_steps(sample_build, funnels, passages):
    assert_alike(oracle.timings(funnels, passages), rows(sample_build, oracle.StepTiming, "agg_step_timings"))


def test_every_funnel_has_users_in_both_scopes(sample_build, funnels):
    assert sample_build.query(
        "select count(*) from marts.agg_funnel_steps where step_number = 1 and complete_users > 0"
    ) == [(2 * len(funnels),)]


@pytest.fixture(scope="module")
def path_events(sample_build):
    return [
        paths.PathEvent(*row)
        for row in sample_build.query(
            "select event_id, user_id, event_name, event_at, session_number from intermediate.int_events_sessionized"
        )
    ]


@pytest.fixture(scope="module")
def activated_at(sample_build):
    """The first activation of each user."""
    return dict(
        sample_build.query(
            "select user_id, min(activated_at) from marts.fct_activations where activated_at is not null group by 1"
        )
    )


def test_transitions(sample_build, path_events, activated_at):
    wanted = paths.transitions(path_events, activated_at, read_categories(TAXONOMY))
    assert_alike(wanted, rows(sample_build, paths.Transition, "agg_event_transitions"))
    assert len({(row.scope, row.state_type) for row in wanted}) == 6


def test_step_matrix(sample_build, path_events, activated_at):
    steps = VARIABLES["step_matrix_steps"]
    wanted = paths.step_matrix(path_events, activated_at, read_categories(TAXONOMY), steps)
    assert_alike(wanted, rows(sample_build, paths.Cell, "agg_step_matrix"))
    assert len({(row.scope, row.state_type, row.step_number) for row in wanted}) == 6 * steps


def test_paths_are_those_of_all_sessions(sample_build):
    sessions = sample_build.query("select count(*), sum(event_count) from marts.fct_sessions")
    assert sessions == sample_build.query(
        "select sum(transitions) filter (where from_state = 'session_start'), "
        "sum(transitions) filter (where from_state != 'session_start') "
        "from marts.agg_event_transitions where scope = 'all_sessions' and state_type = 'event_name'"
    )
