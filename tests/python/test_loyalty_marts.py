"""Loyalty points of the sample, against a reference that shares nothing with the models."""

import json
from datetime import datetime

import pytest
from conftest import SAMPLE, Build, run_dbt
from oracle import loyalty as oracle
from oracle.activity import Calendar
from tables import assert_alike
from test_activity_marts import read_world

PLACES = {
    "as it is": {},
    "New York": {"reporting_timezone": "America/New_York", "as_of": "2025-11-02 05:30:00"},
    "Shanghai": {"reporting_timezone": "Asia/Shanghai"},
}


class Place:
    """A build of the sample somewhere, and what it is to hold."""

    def __init__(self, build: Build, variables: dict):
        self.build = build
        self.world = read_world(build, **variables)
        self.calendar = Calendar(variables.get("reporting_timezone", "UTC"))
        columns = ", ".join(oracle.Movement._fields)
        ledger = [
            oracle.Movement(*row)
            for row in build.query(f"select {columns} from staging.stg_loyalty__point_transactions")
        ]
        self.as_of = max(row.transaction_at for row in ledger)
        if "as_of" in variables:
            self.as_of = datetime.fromisoformat(variables["as_of"])
        self.transactions = oracle.transactions(ledger, self.calendar)

    def rows(self, table: str, kind: type) -> list[tuple]:
        return [kind(*row) for row in self.build.query(f"select {', '.join(kind._fields)} from {table}")]


@pytest.fixture(scope="module", params=PLACES)
def place(request, sample_build, tmp_path_factory) -> Place:
    variables = PLACES[request.param]
    if not variables:
        return Place(sample_build, variables)
    home = tmp_path_factory.mktemp("elsewhere")
    done = run_dbt(
        SAMPLE, home, "build", "--select", "+agg_loyalty", "+dim_point_balances",
        "--exclude", "test_type:unit", "--indirect-selection", "cautious", "--vars", json.dumps(variables),
    )  # fmt: skip
    assert done.status == 0, done.output
    return Place(done, variables)


def test_transactions(place):
    assert_alike(place.transactions, place.rows("marts.fct_point_transactions", oracle.Transaction))


def test_balances(place):
    wanted = oracle.balances(place.transactions, place.as_of)
    assert_alike(wanted, place.rows("marts.dim_point_balances", oracle.Balance))
    assert any(row.balance < 0 for row in wanted)


def test_periods(place):
    active = [(one.user_id, one.at) for one in place.world.seen]
    both = min(place.as_of, place.world.as_of)
    wanted = oracle.loyalty(place.transactions, active, place.calendar, place.as_of, both)
    assert_alike(wanted, place.rows("marts.agg_loyalty", oracle.Loyalty))
    months = [row for row in wanted if row.period_grain == "month"]
    assert all(any(getattr(row, name) for row in months) for name in oracle.Loyalty._fields[2:13])
    assert {row.is_complete for row in months} == {True, False}


def test_what_came_and_went_is_what_is_there(place):
    for row in place.rows("marts.dim_point_balances", oracle.Balance):
        assert row.accrued_points - row.redeemed_points - row.expired_points + row.adjusted_points == row.balance
