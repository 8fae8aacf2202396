"""Made-up worlds in which one segment is why few clients activate: the marts find it, in its size, and put it first."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import pytest
import yaml
from conftest import PROJECT, Build, run_dbt
from oracle import onboarding as oracle
from test_onboarding_marts import compare
from worlds import CLIENTS, KINDS, LEAVERS, WORLDS, Client, Plan, draw_clients, write_world

VARIABLES = yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8"))["vars"]
SEGMENT_MARTS = ["+agg_segment_priorities", "+agg_segment_profiles", "+fct_interview_candidates"]


@dataclass(frozen=True)
class Planted:
    """A world, and what its export ought to say."""

    plan: Plan
    clients: list[Client]

    @cached_property
    def as_of(self) -> datetime:
        return max(at for c in self.clients for at in (*c.columns.values(), *(at for _, at in c.events)))

    def is_complete(self, client: Client) -> bool:
        first_ended_at = max(at for _, at in client.events if at < client.account_created_at + timedelta(hours=2))
        over = max(client.created_at + timedelta(days=VARIABLES["activation_days"]), first_ended_at + timedelta(days=1))
        return over <= self.as_of

    def members(self) -> list[oracle.Member]:
        """Clients by their planted kinds. Who leaves activates later, if at all."""
        return [
            oracle.Member(c.kind, c.device, self.is_complete(c), c.activates and c.kind not in LEAVERS)
            for c in self.clients
        ]


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
    assert first.segment == planted.plan.cause
    assert first.expected_gain > 1.2 * second.expected_gain > 0


# --- what the marts find -----------------------------------------------------------------------


def test_every_client_has_the_planted_segment(planted, build):
    found = dict(build.query("select user_id, segment from marts.fct_first_sessions"))
    wrong = Counter((c.kind, found.get(c.client_id)) for c in planted.clients if found.get(c.client_id) != c.kind)
    assert not wrong, "planted and found"
    assert len(found) == CLIENTS


def test_segments_have_the_planted_sizes_and_rates(planted, build):
    expected = oracle.priorities(planted.members(), VARIABLES["min_segment_size"])
    compare(build, "agg_segment_priorities", [row._asdict() for row in expected], "segment")


def test_profiles_tell_planted_rates_on_each_device(planted, build):
    """Among clients whose time is over, in the first session and ever."""
    columns = ["segment", "device_type", "users", "complete_users", "activated_in_first_session", "activated"]
    expected = []
    for kind in KINDS:
        for device in ("all", "mobile", "desktop"):
            clients = [c for c in planted.clients if c.kind == kind and device in ("all", c.device)]
            complete = [client for client in clients if planted.is_complete(client)]
            ever = sum(client.activates for client in complete)
            at_once = 0 if kind in LEAVERS else ever
            expected.append(dict(zip(columns, (kind, device, len(clients), len(complete), at_once, ever), strict=True)))
            rate = planted.plan.rate(kind, device) if device != "all" else None
            assert rate is None or ever / len(complete) == pytest.approx(rate, abs=0.03)
    compare(build, "agg_segment_profiles", expected, "segment device_type")


def test_the_first_priority_follows_the_planted_cause(planted, build):
    [[segment, sentence]] = build.query("select segment, sentence from marts.agg_segment_priorities where rank = 1")
    assert segment == planted.plan.cause
    clients = [client for client in planted.clients if client.kind == segment]
    assert f"{len(clients)} of {CLIENTS:,}" in sentence or f"{len(clients)} of {CLIENTS}" in sentence


def test_its_clients_are_proposed_for_interviews(planted, build):
    proposed = build.query(
        "select user_id, reason from marts.fct_interview_candidates "
        f"where segment = '{planted.plan.cause}' order by reason, rank"
    )
    newest = sorted((c for c in planted.clients if c.kind == planted.plan.cause), key=lambda c: c.created_at)[::-1]
    kinds = {client.client_id: client.kind for client in planted.clients}
    assert {kinds[user] for user, _ in proposed} == {planted.plan.cause}
    n = VARIABLES["interview_candidates"]
    assert [user for user, reason in proposed if reason == "recent"] == [c.client_id for c in newest[:n]]
    assert sum(reason == "typical" for _, reason in proposed) == n
