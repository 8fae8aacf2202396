"""Compares two tables row for row, as multisets of typed rows.

A double that both sides give with at most nine decimals was rounded on purpose and must be equal. Other doubles, whose
last digits depend on the order of a sum, may differ by RELATIVE_TOLERANCE.
"""

import math
from collections import defaultdict
from dataclasses import dataclass, field

import duckdb

RELATIVE_TOLERANCE = 1e-9
ABSOLUTE_TOLERANCE = 1e-12  # for what should be 0
DECIMALS = 9  # to which the macro `steady` rounds


@dataclass
class Comparison:
    """What came of comparing two tables.

    columns        the columns compared
    row_count      rows of the first table
    mismatches     a sentence for each column that only one has, or that has another type
    only_in_first  rows that the second table has no equal of
    only_in_second the other way round
    close_rows     rows that are equal but for the last digits of a double
    """

    columns: list[str] = field(default_factory=list)
    row_count: int = 0
    mismatches: list[str] = field(default_factory=list)
    only_in_first: list[tuple] = field(default_factory=list)
    only_in_second: list[tuple] = field(default_factory=list)
    close_rows: int = 0

    @property
    def differing_rows(self) -> int:
        return max(len(self.only_in_first), len(self.only_in_second))

    @property
    def is_equal(self) -> bool:
        return not (self.mismatches or self.only_in_first or self.only_in_second)


def compare(
    connection: duckdb.DuckDBPyConnection,
    first: str,
    second: str,
    types: dict[str, str],
    without: frozenset[str] = frozenset(),
) -> Comparison:
    """Compares two relations.

    first   what stands behind `from`: the table that says what is right
    second  the other; its columns are read as the types that the first has
    types   what types the second's columns really have, in DuckDB's words
    without columns whose values are not compared, since the second has none; their types are
    """
    expected = {name: kind for name, kind, *_ in connection.execute(f"describe from {first}").fetchall()}
    result = Comparison(columns=[name for name in expected if name not in without])
    for name in sorted(expected.keys() | types.keys()):
        if expected.get(name) != types.get(name):
            result.mismatches.append(f"{name}: {expected.get(name, 'absent')}, {types.get(name, 'absent')}")
    if result.mismatches:
        return result
    expected = {name: expected[name] for name in result.columns}
    names = ", ".join(f'"{name}"' for name in expected)
    one = f"select {names} from {first}"
    other = "select " + ", ".join(f'cast("{name}" as {kind})' for name, kind in expected.items()) + f" from {second}"
    [(result.row_count,)] = connection.execute(f"select count(*) from {first}").fetchall()
    missing = connection.execute(f"{one} except all {other}").fetchall()
    surplus = connection.execute(f"{other} except all {one}").fetchall()
    doubles = [place for place, kind in enumerate(expected.values()) if kind == "DOUBLE"]
    result.only_in_first, result.only_in_second, result.close_rows = _without_close(missing, surplus, doubles)
    return result


def _without_close(missing: list[tuple], surplus: list[tuple], doubles: list[int]) -> tuple[list, list, int]:
    """Takes out pairs of rows that are equal but for the last digits of doubles. Returns the rest, and their number."""
    groups: dict[tuple, tuple[list, list]] = defaultdict(lambda: ([], []))
    for side, rows in enumerate((missing, surplus)):
        for row in rows:
            groups[tuple(value for place, value in enumerate(row) if place not in doubles)][side].append(row)

    def by_doubles(row: tuple) -> list[tuple]:
        return [(row[place] is None, row[place] or 0.0) for place in doubles]

    rest_of_missing, rest_of_surplus, close = [], [], 0
    for ones, others in groups.values():
        pairs = list(zip(sorted(ones, key=by_doubles), sorted(others, key=by_doubles), strict=False))
        if len(ones) == len(others) and all(_is_close(a[place], b[place]) for a, b in pairs for place in doubles):
            close += len(pairs)
        else:
            rest_of_missing += ones
            rest_of_surplus += others
    return rest_of_missing, rest_of_surplus, close


def _is_close(a: float | None, b: float | None) -> bool:
    if a is None or b is None or a == b:
        return a is b or a == b
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    if round(a, DECIMALS) == a and round(b, DECIMALS) == b:
        return False
    return math.isclose(a, b, rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)
