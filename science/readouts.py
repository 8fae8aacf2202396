"""Read-outs of many experiments at once: which arms are compared with which, and by what."""

from collections.abc import Mapping, Sequence

import numpy as np

from science.experiments import (
    Arm,
    Estimate,
    adjusted,
    arm_of,
    false_discovery_rates,
    fewest_in_cell,
    p_of_few,
    silently,
    slopes,
    stratified,
    two_means,
    two_proportions,
    users_for_means,
    users_for_rates,
)

NAMES = ("experiment_name", "metric", "variant")
OUTCOMES = ("users", "outcome_sum", "outcome_square_sum")
COVARIATES = ("users", "covariate_sum", "covariate_square_sum")


@silently
def read_out(cells: Mapping[str, Sequence]) -> dict[str, np.ndarray]:
    """Every variant against the control of its experiment, for every metric.

    cells   columns, one element for each experiment, metric, stratum and variant: the names, stratum, is_rate and
            is_control; users, and over them the sums outcome_sum, outcome_square_sum, covariate_sum,
            covariate_square_sum and product_sum; confidence of the intervals; least_in_cell

    Gives columns, one element for each experiment, metric and variant that has a control beside it: the names; those of
    `Estimate`, plain, and with the prefixes stratified_ and cuped_; test, the one that gives the plain p; q_value, over
    all plain p of the experiment; stratified_users, those of the strata that are compared; cuped_variance_reduction,
    the share of the difference's variance that CUPED takes away.

    Rates are compared as normal where each arm has least_in_cell users who did it and as many who did not. Else there
    are no intervals, nor a p but the plain one, which is exact where one of these numbers is expected to be less.
    """
    cells = {name: np.asarray(values) for name, values in cells.items()}
    experiment = _numbered(cells["experiment_name"])
    question = _numbered(experiment, _numbered(cells["metric"]))
    arm = _numbered(question, _numbered(cells["variant"]))
    first = np.unique(arm, return_index=True)[1]
    question_of, is_control = question[first], cells["is_control"][first].astype(bool)
    summed = {
        name: np.bincount(arm, weights=cells[name].astype(np.float64), minlength=len(first))
        for name in {*OUTCOMES, *COVARIATES, "product_sum"}
    }
    control_of = np.full(question_of.max(initial=-1) + 1, -1)
    control_of[question_of[is_control]] = np.flatnonzero(is_control)
    treated = np.flatnonzero(~is_control & (control_of[question_of] >= 0))
    control = control_of[question_of[treated]]
    confidence = cells["confidence"][first][treated].astype(np.float64)

    def pair(arms: Arm) -> tuple[Arm, Arm]:
        return _taken(arms, treated), _taken(arms, control)

    outcomes = arm_of(*(summed[name] for name in OUTCOMES))
    by_kind = two_proportions(*pair(outcomes), confidence), two_means(*pair(outcomes), confidence)
    is_rate = cells["is_rate"][first][treated].astype(bool)
    plain = Estimate(*(np.where(is_rate, rate, mean) for rate, mean in zip(*by_kind, strict=True)))
    least = cells["least_in_cell"][first][treated]
    is_enough, is_expected = (
        ~is_rate | (fewest_in_cell(*pair(outcomes), expected=expected) >= least) for expected in (False, True)
    )
    p_value = plain.p_value.copy()
    few = np.flatnonzero(~is_expected)
    p_value[few] = p_of_few(*(_taken(arms, few) for arms in pair(outcomes)))
    test = np.where(is_rate, np.where(is_expected, "two_proportions_z", "fisher_exact"), "welch_t").astype(object)
    test[np.isnan(p_value)] = None
    by_stratum, stratified_users = _by_stratum(cells, question, arm, (treated, control), confidence)
    less = _without_history(outcomes, summed, question_of)
    cuped = two_means(*pair(less), confidence)
    kept, had = (sum(one.variance / one.users for one in pair(arms)) for arms in (less, outcomes))

    return (
        {name: cells[name][first][treated] for name in NAMES}
        | _columns("", _limited(plain, is_enough)._replace(p_value=p_value))
        | {"test": test, "q_value": false_discovery_rates(p_value, experiment[first][treated])}
        | _columns("stratified_", _limited(by_stratum, is_enough))
        | {"stratified_users": stratified_users}
        | _columns("cuped_", _limited(cuped, is_enough))
        | {"cuped_variance_reduction": np.where(had > 0, 1 - kept / had, np.nan)}
    )


def users_needed(lifts: Mapping[str, Sequence]) -> dict[str, np.ndarray]:
    """Users that each variant needs to find a lift.

    lifts   columns, one element for each metric and lift: metric, is_rate; users, outcome_sum and outcome_square_sum of
            those who are as the control will be; relative_lift, alpha, power

    Gives columns metric, relative_lift and users_per_variant.
    """
    lifts = {name: np.asarray(values) for name, values in lifts.items()}
    usual = arm_of(*(lifts[name] for name in OUTCOMES))
    asked = [lifts[name].astype(np.float64) for name in ("relative_lift", "alpha", "power")]
    by_kind = users_for_rates(usual.mean, *asked), users_for_means(usual.mean, usual.variance, *asked)
    return {name: lifts[name] for name in ("metric", "relative_lift")} | {
        "users_per_variant": np.where(lifts["is_rate"].astype(bool), *by_kind)
    }


@silently
def _without_history(outcomes: Arm, summed: Mapping[str, np.ndarray], question: np.ndarray) -> Arm:
    """The arms by CUPED, one θ for all arms of an experiment and metric."""
    covariates = arm_of(*(summed[name] for name in COVARIATES))
    users = outcomes.users
    covariances = np.where(
        users > 1, (summed["product_sum"] - summed["outcome_sum"] * covariates.mean) / (users - 1), np.nan
    )
    slope = slopes(users, covariances, covariates.variance, question)
    middle = np.bincount(question, weights=summed["covariate_sum"]) / np.bincount(question, weights=users)
    return adjusted(outcomes, covariates, covariances, slope[question], middle[question])


def _by_stratum(cells, question, arm, compared, confidence) -> tuple[Estimate, np.ndarray]:
    """The arms that are compared, treated and control, within strata."""
    treated, control = compared
    stratum = _numbered(question, _numbered(cells["stratum"]))
    strata = stratum.max(initial=-1) + 1
    # Each cell of a treated arm, with that of its control in the same stratum, where it has one.
    comparison_of = np.full(arm.max(initial=-1) + 1, -1)
    comparison_of[treated] = np.arange(len(treated))
    cell_at = {place: cell for cell, place in enumerate((arm * strata + stratum).tolist())}
    own = np.flatnonzero(comparison_of[arm] >= 0)
    comparison = comparison_of[arm[own]]
    beside = np.array(
        [cell_at.get(place, -1) for place in (control[comparison] * strata + stratum[own]).tolist()], dtype=np.int64
    )
    own, comparison, beside = own[beside >= 0], comparison[beside >= 0], beside[beside >= 0]
    cells_of = arm_of(*(cells[name] for name in OUTCOMES))
    weights = np.bincount(stratum, weights=cells_of.users, minlength=strata)[stratum[own]]
    return stratified(_taken(cells_of, own), _taken(cells_of, beside), weights, comparison, confidence)


def _taken(arms: Arm, places: np.ndarray) -> Arm:
    """The arms at some places."""
    return Arm(*(values[places] for values in arms))


def _limited(estimate: Estimate, is_enough: np.ndarray) -> Estimate:
    """What is left of an estimate where too few users stand behind it: no interval and no p."""
    points = ("absolute", "relative")
    return Estimate(
        *(
            values if name in points else np.where(is_enough, values, np.nan)
            for name, values in zip(Estimate._fields, estimate, strict=True)
        )
    )


def _columns(prefix: str, estimate: Estimate) -> dict[str, np.ndarray]:
    return {f"{prefix}{name}": values for name, values in zip(Estimate._fields, estimate, strict=True)}


def _numbered(*columns: np.ndarray) -> np.ndarray:
    """Each different value, or pair of whole numbers, as a whole number from 0 on."""
    first, *others = columns
    for other in others:
        first = first * (other.max(initial=0) + 1) + other
    return np.unique(first, return_inverse=True)[1].reshape(-1)
