"""Features as numbers that models can learn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

CATEGORIES = ("gender", "income_band", "country_group", "acquisition_channel", "device_type")
# Numbers that stay as they are; all others, counts, days and amounts without an upper bound, enter as ln(1 + number).
PLAIN = ("has_profile", "age", "active_days_4w")
UNBOUNDED = (
    *("tenure_days", "days_since_first_known", "days_since_active", "days_since_first_order", "days_since_order"),
    *("orders_week_1", "orders_week_2", "orders_week_3", "orders_week_4", "orders_week_5", "order_count"),
    *("event_count_4w", "chat_count_4w", "message_count_4w", "session_count_4w", "moderated_session_count_4w"),
    *("moderated_minutes_4w", "order_value_4w", "point_transaction_count_4w", "accrued_points_4w"),
    *("redeemed_points_4w", "point_balance"),
)
NUMBERS = (*PLAIN, *UNBOUNDED)
# Of a category the most frequent values are told apart, so many at most; what is left is like the most frequent one.
MAX_VALUES = 20
# A column of which the others leave no more than this share of its variance unexplained says nothing of its own.
MIN_OWN_SHARE = 1e-9


@dataclass(frozen=True)
class Design:
    """How features become a matrix, as learned from some rows: `learn` makes one, `matrix` applies it to any rows.

    values      category -> the values that have a column of their own, the most frequent value not among them
    fillings    number -> what stands where it is unknown: its mean
    unknowable  numbers that are sometimes unknown, and so have a column `<number>: unknown`
    names       the columns that are kept: those that vary, and say more than the ones before them
    means, scales   by which the kept columns are standardised
    """

    values: Mapping[str, Sequence[str]]
    fillings: Mapping[str, float]
    unknowable: tuple[str, ...]
    names: tuple[str, ...]
    means: np.ndarray
    scales: np.ndarray

    @classmethod
    def learn(cls, columns: Mapping[str, np.ndarray]) -> "Design":
        """From columns by name, NUMBERS as floats with NaN where unknown, CATEGORIES as text; of one row at least."""
        values = {}
        for name in CATEGORIES:
            found, counts = np.unique(columns[name].astype(str), return_counts=True)
            by_frequency = [str(found[i]) for i in np.lexsort((found, -counts))]
            values[name] = by_frequency[1 : MAX_VALUES + 1]
        fillings, unknowable = {}, []
        for name in NUMBERS:
            number = _number(name, columns[name])
            is_known = ~np.isnan(number)
            fillings[name] = float(number[is_known].mean()) if is_known.any() else 0.0
            if not is_known.all():
                unknowable.append(name)
        draft = cls(values, fillings, tuple(unknowable), (), np.zeros(0), np.ones(0))
        names, matrix = draft._all_columns(columns)
        means, scales = matrix.mean(axis=0), matrix.std(axis=0)
        varies = np.flatnonzero(scales > 1e-12 * np.maximum(1, np.abs(means)))
        standardised = (matrix[:, varies] - means[varies]) / scales[varies]
        kept = varies[_independent(standardised.T @ standardised / len(standardised))]
        return cls(values, fillings, tuple(unknowable), tuple(names[i] for i in kept), means[kept], scales[kept])

    def matrix(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """A standardised column for each of `names`, a row for each of `columns`."""
        names, matrix = self._all_columns(columns)
        places = {name: place for place, name in enumerate(names)}
        return (matrix[:, [places[name] for name in self.names]] - self.means) / self.scales

    def _all_columns(self, columns: Mapping[str, np.ndarray]) -> tuple[list[str], np.ndarray]:
        names, parts = [], []
        for name in NUMBERS:
            number = _number(name, columns[name])
            names.append(name)
            parts.append(np.where(np.isnan(number), self.fillings[name], number))
        for name in self.unknowable:
            names.append(f"{name}: unknown")
            parts.append(np.isnan(columns[name].astype(np.float64)).astype(np.float64))
        for name in CATEGORIES:
            for value in self.values[name]:
                names.append(f"{name}: {value}")
                parts.append((columns[name] == value).astype(np.float64))
        return names, np.column_stack(parts)


def _number(name: str, column: np.ndarray) -> np.ndarray:
    number = column.astype(np.float64)
    return np.sign(number) * np.log1p(np.abs(number)) if name in UNBOUNDED else number


def _independent(correlations: np.ndarray) -> list[int]:
    """Of columns with these correlations, those that are no combination of the ones kept before them."""
    kept: list[int] = []
    for place in range(len(correlations)):
        beside = correlations[kept, place]
        explained = beside @ np.linalg.solve(correlations[np.ix_(kept, kept)], beside) if kept else 0.0
        if 1 - explained > MIN_OWN_SHARE:
            kept.append(place)
    return kept
