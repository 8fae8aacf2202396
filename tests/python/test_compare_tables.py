"""What `make spark` takes for a difference, and what not. Needs no Spark."""

import duckdb
import pytest
from compare_tables import compare

TYPES = {"id": "VARCHAR", "amount": "DOUBLE", "happened_at": "TIMESTAMP"}
ROWS = [("a", 1.5, "2024-01-01 10:00:00.123456"), ("b", None, None), (None, 2 / 3, "2024-01-01"), ("a", 1.5, None)]


@pytest.fixture
def difference():
    """Compares two lists of rows, the second as if it came from an engine with these types."""

    def compared(first: list[tuple], second: list[tuple], types: dict[str, str] = TYPES):
        with duckdb.connect() as connection:
            for name, rows in (("one", first), ("other", second)):
                connection.execute(f"create table {name} (id varchar, amount double, happened_at timestamp)")
                for row in rows:
                    connection.execute(f"insert into {name} values (?, ?, ?)", row)
            return compare(connection, "one", "other", types)

    return compared


def changed(place: int, row: tuple) -> list[tuple]:
    return [*ROWS[:place], row, *ROWS[place + 1 :]]


def test_the_order_of_rows_does_not_matter(difference):
    result = difference(ROWS, ROWS[::-1])
    assert result.is_equal and result.row_count == len(ROWS) and result.close_rows == 0


@pytest.mark.parametrize(
    ("place", "row"),
    [
        (0, ("A", 1.5, "2024-01-01 10:00:00.123456")),
        (0, ("a", 1.500000001, "2024-01-01 10:00:00.123456")),  # both rounded to nine decimals: exact
        (0, ("a", None, "2024-01-01 10:00:00.123456")),
        (0, ("a", 1.5, "2024-01-01 10:00:00.123457")),
        (0, ("a", 1.5, None)),
        (1, ("", None, None)),
        (1, ("b", 0.0, None)),
        (1, ("b", float("nan"), None)),
        (2, (None, 2 / 3 * (1 + 3e-9), "2024-01-01")),  # beyond the tolerance
        (2, ("None", 2 / 3, "2024-01-01")),
    ],
)
def test_one_changed_value_is_one_differing_row_on_each_side(difference, place, row):
    result = difference(ROWS, changed(place, row))
    assert len(result.only_in_first) == len(result.only_in_second) == result.differing_rows == 1
    assert not result.is_equal and result.only_in_first[0][0] == ROWS[place][0]


def test_a_row_too_few_or_too_often_is_a_difference(difference):
    assert difference(ROWS, ROWS[1:]).differing_rows == 1
    assert difference(ROWS, [*ROWS, ROWS[0]]).differing_rows == 1
    assert difference(ROWS, []).differing_rows == len(ROWS)
    assert difference([], ROWS).differing_rows == len(ROWS)


def test_last_digits_of_an_unrounded_double_may_differ(difference):
    result = difference(ROWS, changed(2, (None, 2 / 3 * (1 + 1e-12), "2024-01-01")))
    assert result.is_equal and result.close_rows == 1


def test_rows_that_are_alike_but_for_their_doubles_are_paired_in_order(difference):
    first = [("a", 1 / 3, None), ("a", 2 / 3, None)]
    assert difference(first, [("a", 2 / 3 * (1 + 1e-12), None), ("a", 1 / 3, None)]).is_equal
    assert difference(first, [("a", 2 / 3, None), ("a", 2 / 3, None)]).differing_rows == 1


@pytest.mark.parametrize(
    "types",
    [
        TYPES | {"amount": "DECIMAL(18,2)"},
        TYPES | {"more": "BIGINT"},
        {"id": "VARCHAR", "amount": "DOUBLE"},
    ],
)
def test_another_type_and_a_column_that_only_one_has_are_differences(difference, types):
    result = difference(ROWS, ROWS, types)
    assert len(result.mismatches) == 1 and not result.is_equal


def test_a_column_that_only_one_engine_fills_is_compared_by_its_type_alone():
    with duckdb.connect() as connection:
        connection.execute("create table one as select 'a' as id, 0.5::double as amount")
        connection.execute("create table other as select 'a' as id, null::double as amount")
        types = {"id": "VARCHAR", "amount": "DOUBLE"}
        assert not compare(connection, "one", "other", types).is_equal
        assert compare(connection, "one", "other", types, frozenset({"amount"})).is_equal
        connection.execute("update other set id = 'b'")
        assert compare(connection, "one", "other", types, frozenset({"amount"})).differing_rows == 1
        assert compare(connection, "one", "other", types | {"amount": "FLOAT"}, frozenset({"amount"})).mismatches
