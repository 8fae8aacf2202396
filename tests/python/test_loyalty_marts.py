"""Loyalty points of the sample and of made-up lives, against a reference that shares nothing with the models."""

from datetime import datetime

import pytest
from conftest import LIVES, PLACES, Build
from oracle import loyalty as oracle
from oracle.activity import Calendar
from tables import assert_alike
from test_activity_marts import read_world


class Place:
    """A build of the sample or of lives somewhere, and what it is to hold."""

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


@pytest.fixture(scope="module", params=PLACES | LIVES)
def place(request, build_in) -> Place:
    return Place(build_in(request.param), (PLACES | LIVES)[request.param])


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
