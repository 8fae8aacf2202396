"""Made-up worlds in which one segment is why few clients activate: the marts find it, in its size, and put it first."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import pytest
import yaml
from conftest import PROJECT, Build, run_dbt
from oracle import onboarding as oracle
from worlds import CLIENTS, KINDS, WORLDS, Client, Plan, draw_clients, write_world

VARIABLES = yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8"))["vars"]
SEGMENT_MARTS = ["+agg_segment_priorities", "+agg_segment_profiles"]


@dataclass(frozen=True)
class Planted:
    """A world, and what its export ought to say."""

    plan: Plan
    clients: list[Client]

    @cached_property
    def as_of(self) -> datetime:
        return max(at for c in self.clients for at in (*c.columns.values(), *(at for _, at in c.events)))

    def is_complete(self, client: Client) -> bool:
        return client.account_created_at + timedelta(days=VARIABLES["activation_days"]) <= self.as_of

    def members(self) -> list[oracle.Member]:
        return [oracle.Member(c.kind, c.device, self.is_complete(c), c.activates) for c in self.clients]


@pytest.fixture(scope="module", params=WORLDS, ids=lambda world: world.cause)
def planted(request) -> Planted:
    return Planted(request.param, draw_clients(request.param))


@pytest.fixture(scope="module")
def build(planted, tmp_path_factory) -> Build:
    folder = tmp_path_factory.mktemp(planted.plan.cause)
    write_world(folder / "feeds", planted.clients)
    done = run_dbt(
        folder / "feeds",
        folder / "home",
        "build",
        "--select",
        *SEGMENT_MARTS,
        "--exclude-resource-type",
        "test",
        "unit_test",
    )
    assert done.status == 0, done.output
    return done


# --- what is planted ---------------------------------------------------------------------------


def test_a_world_is_what_its_plan_says(planted):
    kinds = Counter(client.kind for client in planted.clients)
    assert sum(kinds.values()) == CLIENTS
    for kind in KINDS:
        assert kinds[kind] == pytest.approx(planted.plan.shares[kind] * CLIENTS, abs=1)
        for device in ("mobile", "desktop"):
            activates = [c.activates for c in planted.clients if (c.kind, c.device) == (kind, device)]
            assert sum(activates) == pytest.approx(planted.plan.rate(kind, device) * len(activates), abs=1)
    assert all(client.activates == ("ig_activation_dttm" in client.columns) for client in planted.clients)
    week = timedelta(days=VARIABLES["activation_days"])
    for client in planted.clients:
        assert client.columns.get("ig_activation_dttm", client.created_at) <= client.account_created_at + week
    assert 0.7 < sum(map(planted.is_complete, planted.clients)) / CLIENTS < 1


def test_the_cause_costs_most_activations(planted):
    """By the planted kinds alone, without the project."""
    first, second, *_ = oracle.priorities(planted.members(), VARIABLES["min_segment_size"])
    device = planted.plan.device
    assert first.segment == planted.plan.cause
    if device:
        assert first.device_type == device
    else:
        assert second.segment == planted.plan.cause, "on the one device and on the other"
    assert first.expected_gain > 60


# --- what the marts find -----------------------------------------------------------------------


def test_every_client_has_the_planted_segment(planted, build):
    found = dict(build.query("select user_id, segment from marts.fct_first_sessions"))
    wrong = Counter((c.kind, found.get(c.client_id)) for c in planted.clients if found.get(c.client_id) != c.kind)
    assert not wrong, "planted and found"
    assert len(found) == CLIENTS


def test_segments_have_the_planted_sizes_and_rates(planted, build):
    found = build.query("select segment, users, complete_users, activation_rate from marts.agg_segment_priorities")
    wanted = oracle.priorities(planted.members(), VARIABLES["min_segment_size"])
    assert sorted(found) == [(row.segment, row.users, row.complete_users, row.activation_rate) for row in wanted]


def test_the_first_priority_follows_the_planted_cause(planted, build):
    [[segment]] = build.query("select segment from marts.agg_segment_priorities where rank = 1")
    assert segment == planted.plan.cause
