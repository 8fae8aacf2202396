"""What drives newcomers to chat, once more: from users one by one, by scipy's own tests."""

from math import sqrt
from statistics import median
from typing import NamedTuple

from scipy import stats

LEAST_EXPECTED = 5
MOST_Q = 0.05


class Newcomer(NamedTuple):
    """Somebody of whom one knows whether they chat; `says` holds the value of each attribute."""

    is_engaged: bool
    says: dict[str, str]
    age: int | None


class Driver(NamedTuple):
    """A row of agg_non_engagement_drivers."""

    attribute: str
    value: str | None
    users: int
    engaged_users: int
    engagement_rate: float | None
    lift: float | None
    median_of_engaged: float | None
    median_of_others: float | None
    test: str | None
    statistic: float | None
    p_value: float | None
    effect_size: float | None
    strength: float | None


def of_value(newcomers: list[Newcomer], attribute: str, value: str) -> Driver:
    """Those who have a value against all others."""
    own = [one.is_engaged for one in newcomers if one.says[attribute] == value]
    others = [one.is_engaged for one in newcomers if one.says[attribute] != value]
    rate, usual = sum(own) / len(own), sum(own + others) / len(own + others)
    cells = [[sum(group), len(group) - sum(group)] for group in (own, others)]
    test = statistic = p = effect = None
    if others and 0 < usual < 1:
        found = stats.chi2_contingency(cells, correction=False)
        effect = stats.contingency.association(cells, method="cramer")
        if found.expected_freq.min() >= LEAST_EXPECTED:
            test, statistic, p = "chi_squared", found.statistic, found.pvalue
        else:
            test, p = "fisher_exact", stats.fisher_exact(cells).pvalue
    lift = rate / usual if usual else None
    return Driver(attribute, value, len(own), sum(own), rate, lift, None, None, test, statistic, p, effect, effect)


def of_age(newcomers: list[Newcomer]) -> Driver:
    """The engaged against all others, by the ages that are known."""
    engaged = [one.age for one in newcomers if one.age is not None and one.is_engaged]
    others = [one.age for one in newcomers if one.age is not None and not one.is_engaged]
    test = statistic = p = effect = None
    if engaged and others and len({*engaged, *others}) > 1:
        found = stats.mannwhitneyu(engaged, others, method="asymptotic")
        more = sum((a > b) - (a < b) for a in engaged for b in others)
        test, statistic, p = "mann_whitney", found.statistic, found.pvalue
        effect = more / (len(engaged) * len(others))
    users = len(engaged) + len(others)
    medians = [float(median(ages)) if ages else None for ages in (engaged, others)]
    strength = None if p is None else stats.norm.isf(p / 2) / sqrt(users)
    row = [users, len(engaged), len(engaged) / users, None, *medians, test, statistic, p, effect, strength]
    return Driver("age", None, *row)


def drivers(newcomers: list[Newcomer]) -> list[Driver]:
    """Every value that somebody has, and the age."""
    pairs = sorted({pair for one in newcomers for pair in one.says.items()})
    return [*(of_value(newcomers, *pair) for pair in pairs), of_age(newcomers)]


def q_values(p_values: list[float]) -> list[float]:
    """Benjamini and Hochberg's, as their paper steps up: the least m p / i of a p and all that are greater."""
    m = len(p_values)
    steps = sorted((p, i) for i, p in enumerate(p_values))
    q, least = [0.0] * m, 1.0
    for rank in range(m, 0, -1):
        p, i = steps[rank - 1]
        least = min(least, m * p / rank)
        q[i] = least
    return q
