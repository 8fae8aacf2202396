"""What an experiment shows, and how many users it takes to show it: from counts and sums alone.

Whatever is compared is a pair of arms, each known by its users, their mean and their variance. All functions take
numpy arrays (or numbers) of one shape and compare many experiments at once; what cannot be said is not a number: the
mean of no user, the variance of one, an interval where an arm shows no variance, the ratio to a mean that may be zero.

Sources
    Two proportions     Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 3rd ed., 2003, ch. 3
    Few users           Fisher's exact test: Agresti, Categorical Data Analysis, 2nd ed., 2002, 3.5
    Two means           Welch, Biometrika 34, 1947; the degrees of freedom: Satterthwaite, Biometrics 2, 1946
    Ratio of two means  Fieller, J. R. Stat. Soc. B 16, 1954
    Strata              Miratrix, Sekhon and Yu, J. R. Stat. Soc. B 75, 2013; the degrees of freedom: Cochran, Sampling
                        Techniques, 3rd ed., 1977, 5.16
    CUPED               Deng, Xu, Kohavi and Walker, Improving the Sensitivity of Online Controlled Experiments by
                        Utilizing Pre-Experiment Data, WSDM 2013
    Many tests          Benjamini and Hochberg, J. R. Stat. Soc. B 57, 1995
    Users needed        Fleiss, Levin and Paik, ch. 4 (rates); Guenther, The American Statistician 35, 1981 (means)
"""

from typing import NamedTuple

import numpy as np
from scipy import stats

# A division by nothing gives what is not a number, on purpose.
silently = np.errstate(divide="ignore", invalid="ignore")


class Arm(NamedTuple):
    """Who got one variant: how many users, their mean, and the variance between them (of a sample: over n − 1)."""

    users: np.ndarray
    mean: np.ndarray
    variance: np.ndarray


class Estimate(NamedTuple):
    """How far the treated are from the control, as a difference and as a share of its mean, and p (two-sided)."""

    absolute: np.ndarray
    absolute_low: np.ndarray
    absolute_high: np.ndarray
    relative: np.ndarray
    relative_low: np.ndarray
    relative_high: np.ndarray
    p_value: np.ndarray


@silently
def arm_of(users, total, squares) -> Arm:
    """An arm from its number of users, the sum of their outcomes and the sum of the outcomes' squares.

    Sums of whole numbers are exact, so that little is lost by subtracting one from the other.
    """
    users, total, squares = (np.asarray(values, dtype=np.float64) for values in (users, total, squares))
    mean = total / users
    variance = np.where(users > 1, np.maximum(squares - total * mean, 0) / (users - 1), np.nan)
    return Arm(users, mean, variance)


@silently
def two_proportions(treated: Arm, control: Arm, confidence) -> Estimate:
    """Two rates: the z-test of two proportions, without a correction for continuity.

    p takes the standard error of both arms pooled, as it is without an effect; the intervals take the arms' own,
    p (1 − p) / n each. At the edge of significance the two may disagree.

    confidence   of the intervals, such as 0.95
    """
    squared_errors = [arm.mean * (1 - arm.mean) / arm.users for arm in (treated, control)]
    pooled = (treated.users * treated.mean + control.users * control.mean) / (treated.users + control.users)
    error = np.sqrt(pooled * (1 - pooled) * (1 / treated.users + 1 / control.users))
    z = np.where(error > 0, (treated.mean - control.mean) / error, np.nan)
    critical = stats.norm.isf((1 - np.asarray(confidence)) / 2)
    return _estimate((treated.mean, control.mean), squared_errors, critical, 2 * stats.norm.sf(np.abs(z)))


def p_of_few(treated: Arm, control: Arm) -> np.ndarray:
    """Two-sided p of two rates by Fisher's exact test, for arms too small for the z-test. Not a number without both."""
    tables = [[np.round(arm.users * arm.mean), np.round(arm.users * (1 - arm.mean))] for arm in (treated, control)]
    by_pair = np.array(tables).reshape(4, -1).T
    p_values = [
        stats.fisher_exact(cells.reshape(2, 2).astype(np.int64)).pvalue
        if np.isfinite(cells).all() and cells[[0, 2]].sum() > 0 and cells[[1, 3]].sum() > 0
        else np.nan
        for cells in by_pair
    ]
    return np.array(p_values, dtype=np.float64)


@silently
def fewest_in_cell(treated: Arm, control: Arm, *, expected: bool) -> np.ndarray:
    """The least of the four numbers of users: of each arm who did it and who did not.

    expected   as they are expected where there is no effect, instead of those that were seen
    """
    pooled = (treated.users * treated.mean + control.users * control.mean) / (treated.users + control.users)
    arms = [(arm.users, pooled if expected else arm.mean) for arm in (treated, control)]
    # Rounded, so that a whole number is one.
    return np.round(np.min([np.minimum(users * rate, users * (1 - rate)) for users, rate in arms], axis=0), 9)


@silently
def two_means(treated: Arm, control: Arm, confidence) -> Estimate:
    """Two means: Welch's t-test, which does not take the variances to be equal."""
    squared_errors = [arm.variance / arm.users for arm in (treated, control)]
    fourth_powers = [error**2 / (arm.users - 1) for error, arm in zip(squared_errors, (treated, control), strict=True)]
    return _by_t((treated.mean, control.mean), squared_errors, sum(fourth_powers), confidence)


@silently
def stratified(treated: Arm, control: Arm, weights, comparison, confidence) -> tuple[Estimate, np.ndarray]:
    """Arms compared within strata: the post-stratified difference of means, a rate being a mean of zeros and ones.

    treated, control   the arms within one stratum, an element for each comparison and stratum
    weights            the users of the stratum in all arms
    comparison         to which comparison an element belongs, from 0 on
    confidence         of the intervals, an element for each comparison

    A stratum counts where both arms have two users or more, since it takes two for a variance. Gives the estimates and
    the users (sum of weights) of the strata that count, an element for each comparison.
    """
    size = len(confidence)
    counts = (treated.users > 1) & (control.users > 1)
    weights = np.where(counts, weights, 0.0)

    def summed(values):
        return np.bincount(comparison, weights=np.where(counts, values, 0), minlength=size)

    users = summed(weights)
    share = weights / users[comparison]
    means, squared_errors, fourth_powers = [], [], np.zeros(size)
    for arm in (treated, control):
        squared_error = share**2 * arm.variance / arm.users
        means.append(np.where(users > 0, summed(share * arm.mean), np.nan))
        squared_errors.append(summed(squared_error))
        fourth_powers += summed(squared_error**2 / (arm.users - 1))
    return _by_t(means, squared_errors, fourth_powers, confidence), users


@silently
def slopes(users, covariances, covariate_variances, group) -> np.ndarray:
    """θ of CUPED for each group of arms: covariance within arms over the covariate's variance within arms, both pooled.

    It is the slope of an analysis of covariance, which an effect of the treatment does not bend. Not a number where the
    covariate is the same for all: where nobody has a history.
    """
    freedom = np.maximum(np.asarray(users) - 1, 0)
    above, below = (np.bincount(group, np.nan_to_num(freedom * part)) for part in (covariances, covariate_variances))
    return np.where(below > 0, above / below, np.nan)


def adjusted(outcome: Arm, covariate: Arm, covariance, slope, middle) -> Arm:
    """An arm by CUPED: each outcome less what a covariate from before the experiment foretells, y − θ (x − middle).

    covariance   of outcome and covariate between the arm's users (of a sample: over n − 1)
    slope        θ, the same for all arms that are compared
    middle       the mean of the covariate over all of these

    The variance, s²y − 2 θ sxy + θ² s²x, is s²y (1 − r²) at the arm's own best θ. θ is taken as known: with a few dozen
    users the intervals are a little too narrow.
    """
    mean = outcome.mean - slope * (covariate.mean - middle)
    variance = outcome.variance - 2 * slope * covariance + slope**2 * covariate.variance
    return Arm(outcome.users, mean, np.maximum(variance, 0))


@silently
def fieller(means, squared_errors, critical) -> tuple[np.ndarray, np.ndarray]:
    """Both ends of the interval of the ratio of two independent means (Fieller).

    It holds all R with (m₁ − R m₀)² ≤ c² (v₁ + R² v₀): it holds 1 where, and only where, the interval of the difference
    with the same critical value c holds 0. Not a number where the second mean, at that c, may be 0: it has no bounds.

    means            of the treated and the control
    squared_errors   squared standard errors of both
    """
    (treated, control), (treated_error, control_error) = means, squared_errors
    bounded = control**2 - critical**2 * control_error
    reach = critical * np.sqrt(treated_error * bounded + control_error * treated**2)
    low, high = (np.where(bounded > 0, (treated * control + side * reach) / bounded, np.nan) for side in (-1, 1))
    return low, high


def false_discovery_rates(p_values, family) -> np.ndarray:
    """Benjamini and Hochberg's q of each p within its family. What is not a number stays so, and does not count."""
    q_values = np.full(len(p_values), np.nan)
    tested = np.flatnonzero(~np.isnan(p_values))
    by_family = tested[np.argsort(family[tested], kind="stable")]
    starts = np.flatnonzero(np.diff(family[by_family])) + 1
    for members in np.split(by_family, starts):
        if len(members):
            q_values[members] = stats.false_discovery_control(p_values[members])
    return q_values


@silently
def users_for_rates(rate, lift, alpha, power) -> np.ndarray:
    """Users that each of two equal arms needs for the z-test of two proportions to find a relative lift of a rate.

    rate, lift     the control's rate, and by which share of it the treated are above: 0.1 for a tenth
    alpha, power   the greatest two-sided p that convinces, and how often the lift is to be found

    Rounded up. Not a number where there is nothing to find: a rate or lift of 0, or one to more than 1.
    """
    other = np.asarray(rate) * (1 + np.asarray(lift))
    mean = (rate + other) / 2
    without_effect = stats.norm.isf(np.asarray(alpha) / 2) * np.sqrt(2 * mean * (1 - mean))
    with_effect = stats.norm.isf(1 - np.asarray(power)) * np.sqrt(rate * (1 - rate) + other * (1 - other))
    users = np.ceil(((without_effect + with_effect) / (other - rate)) ** 2)
    return np.where((other != rate) & (other >= 0) & (other <= 1), users, np.nan)


@silently
def users_for_means(mean, variance, lift, alpha, power) -> np.ndarray:
    """The same for the t-test of two means, with the variance between users that both arms have."""
    critical = stats.norm.isf(np.asarray(alpha) / 2)
    effect = mean * np.asarray(lift) / np.sqrt(variance)
    users = np.ceil(2 * ((critical + stats.norm.isf(1 - np.asarray(power))) / effect) ** 2 + critical**2 / 4)
    return np.where((np.asarray(variance) > 0) & np.isfinite(users), users, np.nan)


@silently
def _by_t(means, squared_errors, fourth_powers, confidence) -> Estimate:
    """By Student's t. `fourth_powers`: of each part its squared error, squared over its degrees of freedom, summed."""
    squared_error = squared_errors[0] + squared_errors[1]
    is_known = (squared_errors[0] > 0) & (squared_errors[1] > 0)
    freedom = np.where(is_known, squared_error**2 / fourth_powers, np.nan)
    t = (means[0] - means[1]) / np.sqrt(squared_error)
    critical = stats.t.isf((1 - np.asarray(confidence)) / 2, freedom)
    return _estimate(means, squared_errors, critical, 2 * stats.t.sf(np.abs(t), freedom))


@silently
def _estimate(means, squared_errors, critical, p_values) -> Estimate:
    """A difference and a ratio with their intervals, by a critical value of the normal or Student's distribution."""
    treated, control = means
    # Users who all do the same say nothing of their spread.
    critical = np.where((squared_errors[0] > 0) & (squared_errors[1] > 0), critical, np.nan)
    reach = critical * np.sqrt(squared_errors[0] + squared_errors[1])
    low, high = fieller(means, squared_errors, critical)
    return Estimate(
        treated - control,
        treated - control - reach,
        treated - control + reach,
        np.where(control != 0, treated / control, np.nan) - 1,
        low - 1,
        high - 1,
        p_values,
    )
