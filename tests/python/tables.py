"""What several tests need to compare tables."""

from datetime import date

from test_engagement_marts import same


def assert_alike(wanted: list[tuple], found: list[tuple]) -> None:
    """Fails where tables differ. Doubles may differ in their last digits."""

    def key(row: tuple) -> tuple:
        return tuple(value for value in row if isinstance(value, str | int | date) and not isinstance(value, bool))

    pairs = zip(sorted(wanted, key=key), sorted(found, key=key), strict=True)
    assert [pair for pair in pairs if not all(map(same, *pair))] == []
