"""What experiments show, once more: from events one by one, and by scipy and statsmodels from users one by one."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.api import OLS
from statsmodels.formula.api import ols
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestIndPower
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportions_ztest,
    samplesize_proportions_2indep_onetail,
)

DAY = timedelta(days=1)
CONFIDENCE = 0.95
LEAST_IN_CELL = 5
ALPHA, POWER = 0.05, 0.8
METRICS = {"chat_initiation": True, "retention": True, "engagement": False}  # whether it is a rate


class Declared(NamedTuple):
    """An experiment as it is declared."""

    name: str
    variants: list[str]
    starts_at: datetime
    ends_at: datetime


class Assigned(NamedTuple):
    """Whose variant is which, since when."""

    experiment: str
    user_id: str
    variant: str
    stratum: str
    since: datetime


class Known(NamedTuple):
    """What is known of outcomes: moments by user, in order, and from when to when they are told."""

    active: dict[str, list[datetime]]
    chats: dict[str, list[datetime]]
    active_between: tuple[datetime, datetime]
    chats_between: tuple[datetime, datetime]


class Outcome(NamedTuple):
    """What a user did for a metric; None as long as the time for it is not over."""

    experiment: str
    user_id: str
    variant: str
    stratum: str
    metric: str
    outcome: int | None
    before: int


def some_in(moments: list[datetime], start: datetime, end: datetime) -> int:
    place = bisect_left(moments, start)
    return int(place < len(moments) and moments[place] < end)


def outcomes_of(start: datetime, active: list[datetime], chats: list[datetime], known: Known, days: int):
    """Metric, outcome and what it was before, of a user from a moment on."""
    span = days * DAY

    def days_in(begin: datetime) -> int:
        return sum(some_in(active, begin + day * DAY, begin + (day + 1) * DAY) for day in range(days))

    def is_known(between: tuple[datetime, datetime], spans: int) -> bool:
        return between[0] <= start and start + spans * span <= between[1]

    before = start - span
    chatted, came_back = some_in(chats, start, start + span), some_in(active, start + span, start + 2 * span)
    yield "chat_initiation", chatted if is_known(known.chats_between, 1) else None, some_in(chats, before, start)
    yield "retention", came_back if is_known(known.active_between, 2) else None, some_in(active, before, start)
    yield "engagement", days_in(start) if is_known(known.active_between, 1) else None, days_in(before)


def outcomes(
    declared: Iterable[Declared],
    assigned: Iterable[Assigned],
    exposures: Iterable[tuple[str, str, str, datetime]],
    known: Known,
    days: int,
) -> list[Outcome]:
    """Of every user who was exposed since the assignment, in the experiment's time."""
    experiments = {one.name: one for one in declared}
    seen = defaultdict(list)
    for name, user, variant, at in exposures:
        one = experiments.get(name)
        if one and variant in one.variants and one.starts_at <= at < one.ends_at:
            seen[name, user].append(at)
    found = []
    for one in assigned:
        moments = [at for at in seen[one.experiment, one.user_id] if at >= one.since]
        if moments:
            did = known.active.get(one.user_id, []), known.chats.get(one.user_id, [])
            for told in outcomes_of(min(moments), *did, known, days):
                found.append(Outcome(one.experiment, one.user_id, one.variant, one.stratum, *told))
    return found


def number(value) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)


def ratio_ends(means, errors, critical) -> list[float | None]:
    """Where (m₁ − R m₀)² = c² (v₁ + R² v₀), less 1; nothing where that is no interval."""
    (own, usual), (own_error, usual_error) = means, errors
    square = usual**2 - critical**2 * usual_error
    if not np.isfinite(critical) or square <= 0:
        return [None, None]
    roots = np.roots([square, -2 * own * usual, own**2 - critical**2 * own_error])
    return [float(root) - 1 for root in sorted(roots.real)]


def estimate(means, errors, critical, ends, p) -> list[float | None]:
    relative = means[0] / means[1] - 1 if means[1] else None
    ratios = ratio_ends(means, errors, critical)
    return [number(value) for value in (means[0] - means[1], *ends, relative, *ratios, p)]


def without_certainty(told: list[float | None]) -> list[float | None]:
    """The difference and the ratio alone."""
    return [told[0], None, None, told[3], None, None, None]


def is_normal(own: np.ndarray, usual: np.ndarray) -> bool:
    """Whether so many are expected in each of the four cells that rates can be taken as normal."""
    did, users = sum(own) + sum(usual), [len(own), len(usual)]
    expected = [n * part / sum(users) for n in users for part in (did, sum(users) - did)]
    return round(min(expected), 9) >= LEAST_IN_CELL


def of_rates(own: np.ndarray, usual: np.ndarray) -> list[float | None]:
    counts, users = np.array([own.sum(), usual.sum()]), np.array([len(own), len(usual)])
    rates, cells = counts / users, np.array([counts, users - counts])
    if counts.sum() in (0, users.sum()):
        return without_certainty(estimate(rates, (0, 0), np.nan, (None, None), None))
    p = proportions_ztest(counts, users)[1] if is_normal(own, usual) else stats.fisher_exact(cells).pvalue
    if cells.min() < LEAST_IN_CELL:
        return [*without_certainty(estimate(rates, (0, 0), np.nan, (None, None), None))[:6], float(p)]
    ends = confint_proportions_2indep(counts[0], users[0], counts[1], users[1], method="wald", compare="diff")
    return estimate(rates, rates * (1 - rates) / users, stats.norm.ppf((1 + CONFIDENCE) / 2), ends, p)


def of_means(own: np.ndarray, usual: np.ndarray) -> list[float | None]:
    means = own.mean(), usual.mean()
    if min(len(own), len(usual)) < 2:
        return [means[0] - means[1], None, None, means[0] / means[1] - 1 if means[1] else None, None, None, None]
    errors = stats.sem(own) ** 2, stats.sem(usual) ** 2
    if min(errors) == 0:
        return estimate(means, (0, 0), np.nan, (None, None), None)
    found = stats.ttest_ind(own, usual, equal_var=False)
    ends = found.confidence_interval(CONFIDENCE)
    return estimate(means, errors, stats.t.ppf((1 + CONFIDENCE) / 2, found.df), ends, found.pvalue)


def of_strata(users: pd.DataFrame, variant: str, control: str) -> tuple[list[float | None], int]:
    """A regression on a dummy for each cell of stratum and variant, with White's errors (HC2), weighted by strata."""
    pair = users[users.variant.isin([variant, control])]
    cells = pair.groupby(["stratum", "variant"]).size().unstack(fill_value=0)
    compared = [s for s in cells.index if min(cells.get(variant, {}).get(s, 0), cells.get(control, {}).get(s, 0)) > 1]
    shares = users[users.stratum.isin(compared)].groupby("stratum").size()
    if not compared:
        return [None] * 7, 0
    pair = pair[pair.stratum.isin(compared)]
    dummies = pd.get_dummies(pair.stratum + "\n" + pair.variant, dtype=float)
    fitted = OLS(pair.y.astype(float), dummies).fit(cov_type="HC2")
    means, errors, shares_of_error = [], [], 0.0
    for arm in (variant, control):
        weights = [
            shares[name.split("\n")[0]] / shares.sum() if name.split("\n")[1] == arm else 0 for name in dummies.columns
        ]
        means.append(float(fitted.t_test(weights).effect[0]))
        squares = np.square(weights) * np.diag(fitted.cov_params())
        errors.append(float(squares.sum()))
        shares_of_error += float((squares**2 / np.maximum(dummies.sum().to_numpy() - 1, 1)).sum())
    error = np.sqrt(sum(errors))
    if min(errors) < 1e-20:
        return estimate(means, (0, 0), np.nan, (None, None), None), int(shares.sum())
    spread = stats.t(sum(errors) ** 2 / shares_of_error)
    critical, difference = spread.ppf((1 + CONFIDENCE) / 2), means[0] - means[1]
    ends = difference - critical * error, difference + critical * error
    return estimate(means, errors, critical, ends, 2 * spread.sf(abs(difference) / error)), int(shares.sum())


def of_history(users: pd.DataFrame, variant: str, control: str) -> tuple[list[float | None], float | None]:
    """By a regression on variant and history: its slope, and Welch's test of what it leaves."""
    varies = users.groupby("variant").x.nunique().max() > 1
    if not varies:
        return [None] * 7, None
    fitted = ols(f"y ~ C(variant, Treatment('{control}')) + x", users.assign(y=users.y.astype(float))).fit()
    left = users.y - fitted.params["x"] * (users.x - users.x.mean())
    found = of_means(*(left[users.variant == arm].to_numpy() for arm in (variant, control)))
    [coefficient] = [value for name, value in fitted.params.items() if name.endswith(f"[T.{variant}]")]
    assert abs(coefficient - found[0]) < 1e-9
    kept, had = (
        sum(values[users.variant == arm].var() / (users.variant == arm).sum() for arm in (variant, control))
        for values in (left, users.y)
    )
    return found, number(1 - kept / had) if had > 0 else None


def users_needed(outcomes: list[int], lift: float, *, is_rate: bool) -> int | None:
    """Users that each of two variants needs to find a relative lift of what these users do."""
    usual = float(np.mean(outcomes))
    if not usual or (is_rate and usual * (1 + lift) > 1):
        return None
    if is_rate:
        # Of one tail, as its name says: half the alpha of two.
        needed = samplesize_proportions_2indep_onetail(
            usual * lift, usual, POWER, alpha=ALPHA / 2, alternative="larger"
        )
    else:
        needed = TTestIndPower().solve_power(usual * lift / np.std(outcomes, ddof=1), alpha=ALPHA, power=POWER)
    return int(np.ceil(needed))


def read_out(found: list[Outcome], declared: Iterable[Declared]) -> dict[tuple[str, str, str], list]:
    """Experiment, metric and variant → exposed users, users, their sum, and what science.readouts gives of them."""
    table = pd.DataFrame(found, columns=Outcome._fields).rename(columns={"outcome": "y", "before": "x"})
    wanted = {}
    for one in declared:
        control, *others = one.variants
        p_values = {}
        for metric, is_rate in METRICS.items():
            exposed = table[(table.experiment == one.name) & (table.metric == metric)]
            users = exposed[exposed.y.notna()].astype({"y": int, "x": int})
            for variant in one.variants:
                own, usual = (users.y[users.variant == arm].to_numpy() for arm in (variant, control))
                counts = [int((exposed.variant == variant).sum()), len(own), int(own.sum())]
                told = [None] * 25
                if variant in others and len(own) and len(usual):
                    raw = (of_rates if is_rate else of_means)(own, usual)
                    by_stratum, in_strata = of_strata(users, variant, control)
                    cuped, reduction = of_history(users, variant, control)
                    if is_rate and min(min(sum(y), len(y) - sum(y)) for y in (own, usual)) < LEAST_IN_CELL:
                        by_stratum, cuped = without_certainty(by_stratum), without_certainty(cuped)
                    test = "welch_t"
                    if is_rate:
                        test = "two_proportions_z" if is_normal(own, usual) else "fisher_exact"
                    told = [
                        *raw,
                        None,
                        test if raw[-1] is not None else None,
                        *by_stratum,
                        in_strata,
                        *cuped,
                        reduction,
                    ]
                    if raw[-1] is not None:
                        p_values[metric, variant] = raw[-1]
                wanted[one.name, metric, variant] = counts + told
        if p_values:
            for key, q in zip(p_values, multipletests(list(p_values.values()), method="fdr_bh")[1], strict=True):
                wanted[one.name, *key][3 + 7] = float(q)
    return wanted
