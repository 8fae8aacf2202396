"""Python models: the types of their tables, and what becomes of them where a package is not installed."""

from types import SimpleNamespace

import duckdb
import numpy as np
import pytest
from conftest import SAMPLE, run_dbt

from science.tables import table_of

DBT = SimpleNamespace(this=SimpleNamespace(identifier="int_things_measured"))
TYPES = {"name": "varchar", "amount": "double", "number": "bigint", "moment": "timestamp"}


def test_a_table_has_the_types_promised_and_null_where_nothing_is_known():
    columns = {
        "amount": np.array([1.5, np.nan]),
        "name": ["one", None],
        "moment": np.array(["2025-01-01", "NaT"], dtype="datetime64[us]"),
        "number": [None, 2],
    }
    with duckdb.connect() as session:
        table = table_of(DBT, session, TYPES, lambda: columns)
        assert dict(zip(table.columns, map(str, table.types), strict=True)) == {
            "name": "VARCHAR",
            "amount": "DOUBLE",
            "number": "BIGINT",
            "moment": "TIMESTAMP",
        }
        first, second = table.fetchall()
        assert (first[:3], str(first[3])) == (("one", 1.5, None), "2025-01-01 00:00:00")
        assert second == (None, None, 2, None)


@pytest.mark.parametrize("name", ["scipy", "sklearn.cluster"])
def test_without_a_package_of_the_extra_the_table_is_empty(name):
    def compute():
        raise ModuleNotFoundError(name=name)

    with duckdb.connect() as session:
        table = table_of(DBT, session, TYPES, compute)
        assert (table.columns, table.fetchall()) == (list(TYPES), [])


def test_a_module_of_our_own_that_is_missing_is_an_error():
    def compute():
        raise ModuleNotFoundError(name="science.divers")

    with duckdb.connect() as session, pytest.raises(ModuleNotFoundError):
        table_of(DBT, session, TYPES, compute)


def test_columns_that_were_not_promised_are_an_error():
    with duckdb.connect() as session, pytest.raises(ValueError, match="are not those promised"):
        table_of(DBT, session, TYPES, lambda: {"name": []})


def test_the_project_builds_without_the_extra(tmp_path):
    done = run_dbt(SAMPLE, tmp_path / "home", "build", science=False)
    assert done.status == 0, done.output
    assert "scipy is not installed: int_drivers_tested is left empty." in done.output
    assert done.query("select is_publishable from raw.build_state") == [(True,)]
    [(users, tested)] = done.query("select sum(users), count(p_value) from marts.agg_non_engagement_drivers")
    assert users > 0 and tested == 0
