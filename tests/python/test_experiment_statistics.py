"""What experiments are read by: published examples, identities, and how often it is right about made-up users.

ENGAGEMENT_LONG_TESTS=1 makes up 20,000 experiments of each kind.
"""

import os
from functools import cache
from math import sqrt

import numpy as np
import pytest
from scipy import optimize, stats
from statsmodels.stats.power import TTestIndPower
from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

from science import experiments
from science.experiments import Arm, arm_of
from science.readouts import read_out

RUNS = 20_000 if os.environ.get("ENGAGEMENT_LONG_TESTS") == "1" else 2_000


def arm(values) -> Arm:
    return arm_of(len(values), np.sum(values), np.sum(np.square(values)))


def test_the_physicians_and_their_aspirin():
    """Heart attacks, 189 of 11,034 with a placebo and 104 of 11,037 with aspirin.

    Agresti, Categorical Data Analysis, 2nd ed., ch. 3: the difference is 0.0077 and its interval 0.005 to 0.011, the
    ratio 1.82, and z² = 25.01.
    """
    found = experiments.two_proportions(arm_of(11034, 189, 189), arm_of(11037, 104, 104), 0.95)
    assert [round(float(value), 3) for value in found[:3]] == [0.008, 0.005, 0.011]
    assert round(float(found.relative), 2) == 0.82
    assert stats.norm.isf(found.p_value / 2) ** 2 == pytest.approx(25.01, abs=0.005)


def test_the_sleep_of_ten_patients():
    """Student, Biometrika 6, 1908. R's example of t.test gives p = 0.07939 and −3.3654832 to 0.2054832 (Welch)."""
    first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    found = experiments.two_means(arm(first), arm(second), 0.95)
    assert [float(value) for value in found[:3]] == pytest.approx([-1.58, -3.3654832, 0.2054832], abs=5e-8)
    assert float(found.p_value) == pytest.approx(0.07939, abs=5e-6)


def test_the_miles_of_cars():
    """NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.3: t = −12.94627 at 136.8750 degrees of freedom."""
    american, japanese = (Arm(n, mean, sd**2) for n, mean, sd in ((249, 20.14458, 6.4147), (79, 30.48101, 6.10771)))
    found = experiments.two_means(american, japanese, 0.95)
    assert float(found.p_value) == pytest.approx(2 * stats.t.sf(12.94627, 136.875), rel=1e-4)


# Bacilli of leprosy before and after three treatments (Snedecor and Cochran, Statistical Methods, 6th ed., ch. 14).
BACILLI = {
    "A": ([11, 8, 5, 14, 19, 6, 10, 6, 11, 3], [6, 0, 2, 8, 11, 4, 13, 1, 8, 0]),
    "D": ([6, 6, 7, 8, 18, 8, 19, 8, 5, 15], [0, 2, 3, 1, 18, 4, 14, 9, 1, 9]),
    "F": ([16, 13, 11, 9, 21, 16, 12, 12, 7, 12], [13, 10, 18, 5, 23, 12, 5, 16, 1, 20]),
}


def described(before, after) -> tuple[Arm, Arm, np.ndarray]:
    """Arms of the outcome and the covariate, an element a group, and their covariances."""
    arms = (Arm(*map(np.array, zip(*map(arm, values), strict=True))) for values in (after, before))
    return (*arms, np.array([np.cov(x, y)[0, 1] for x, y in zip(before, after, strict=True)]))


def test_the_bacilli_of_leprosy():
    """Their analysis of covariance: slope 0.987, adjusted means 6.71, 6.82 and 10.16 (with all digits: SAS, GLM)."""
    before, after = zip(*BACILLI.values(), strict=True)
    outcomes, covariates, covariances = described(before, after)
    [slope] = experiments.slopes(outcomes.users, covariances, covariates.variance, np.array([0, 0, 0]))
    assert slope == pytest.approx(0.987183811, abs=5e-10)
    found = experiments.adjusted(outcomes, covariates, covariances, slope, np.mean(before))
    assert list(found.mean) == pytest.approx([6.7149635, 6.8239348, 10.1611017], abs=5e-8)


def test_a_history_takes_away_what_it_explains():
    """Deng and others, 2013, 3.2: at the best θ the variance is s²y (1 − r²)."""
    before, after = BACILLI["F"]
    outcome, covariate, covariance = described([before], [after])
    slope = experiments.slopes(outcome.users, covariance, covariate.variance, np.array([0]))
    found = experiments.adjusted(outcome, covariate, covariance, slope, covariate.mean)
    assert found.variance[0] == pytest.approx(outcome.variance[0] * (1 - np.corrcoef(before, after)[0, 1] ** 2))


def test_where_nobody_has_a_history_there_is_no_slope():
    assert np.isnan(experiments.slopes(np.array([5.0]), np.array([0.0]), np.array([0.0]), np.array([0]))).all()


@pytest.mark.parametrize("means", [(1.1, 1.0), (0.2, 0.3), (5.0, 1.0), (1.0, 0.1001), (-0.5, 2.0)])
def test_the_interval_of_a_ratio_is_where_fieller_finds_no_difference(means):
    """Its ends solve the equation itself, and it holds 1 exactly where the interval of the difference holds 0."""
    errors, critical = (0.05**2, 0.04**2), 1.96

    def excess(ratio):
        return (means[0] - ratio * means[1]) ** 2 - critical**2 * (errors[0] + ratio**2 * errors[1])

    low, high = (float(end) for end in experiments.fieller(means, errors, critical))
    # Within the interval the excess is below 0, outside above: one end on either side of the ratio.
    ratio = means[0] / means[1]
    assert low == pytest.approx(optimize.brentq(excess, ratio - 1000, ratio), rel=1e-9)
    assert high == pytest.approx(optimize.brentq(excess, ratio, ratio + 1000), rel=1e-9)
    holds_nothing = abs(means[0] - means[1]) <= critical * sqrt(sum(errors))
    assert (low <= 1 <= high) == holds_nothing


def test_a_ratio_to_what_may_be_nothing_has_no_bounds():
    assert np.isnan(experiments.fieller((1.0, 0.0979), (0.05**2, 0.05**2), 1.96)).all()
    assert np.isfinite(experiments.fieller((1.0, 0.0981), (0.05**2, 0.05**2), 1.96)).all()


def test_a_single_stratum_is_the_whole():
    arms = arm(BACILLI["A"][1]), arm(BACILLI["F"][1])
    rows = [Arm(*(np.array([value]) for value in one)) for one in arms]
    found, users = experiments.stratified(*rows, np.array([20]), np.array([0]), [0.95])
    assert [float(value[0]) for value in found] == pytest.approx([float(v) for v in experiments.two_means(*arms, 0.95)])
    assert users == [20]


def test_a_stratum_with_one_user_in_an_arm_does_not_count():
    """Of the first comparison one of two strata is left, of the second none."""
    treated = Arm(np.array([5, 1, 3]), np.array([1.0, 9.0, 2.0]), np.array([1.0, np.nan, 1.0]))
    control = Arm(np.array([5, 9, 1]), np.array([0.5, 1.0, 2.0]), np.array([1.0, 1.0, np.nan]))
    found, users = experiments.stratified(treated, control, np.array([10, 10, 4]), np.array([0, 0, 1]), [0.95, 0.95])
    assert found.absolute[0] == 0.5 and np.isnan(found.absolute[1]) and np.isnan(found.p_value[1])
    assert list(users) == [10, 0]


@pytest.mark.parametrize(
    ("treated", "control"), [((10, 0), (10, 0)), ((10, 10), (10, 0)), ((0, 0), (10, 5)), ((1, 1), (1, 1))]
)
def test_what_cannot_be_said_is_no_number(treated, control):
    """Nobody or everybody did it, or there is nobody: an interval of no width would be a lie."""
    arms = [arm_of(users, did, did) for users, did in (treated, control)]
    for found in (experiments.two_proportions(*arms, 0.95), experiments.two_means(*arms, 0.95)):
        assert all(np.isnan(value) for value in found[1:3] + found[4:6])


def cells_of(*arms: tuple[str, int, int]) -> dict[str, list]:
    """Cells of one experiment, metric and stratum: variant, users, how many did it. The first is the control."""
    variants, users, did = zip(*arms, strict=True)
    constant = {"experiment_name": "e", "metric": "m", "stratum": "s", "is_rate": True}
    constant |= {
        "covariate_sum": 0,
        "covariate_square_sum": 0,
        "product_sum": 0,
        "confidence": 0.95,
        "least_in_cell": 5,
    }
    varied = {"variant": variants, "users": users, "outcome_sum": did, "outcome_square_sum": did}
    varied["is_control"] = [place == 0 for place in range(len(arms))]
    return varied | {name: [value] * len(arms) for name, value in constant.items()}


@pytest.mark.parametrize(
    ("users", "did", "has_interval"), [(40, 4, False), (40, 5, True), (40, 35, True), (40, 36, False)]
)
def test_intervals_of_rates_need_five_users_on_either_side(users, did, has_interval):
    found = read_out(cells_of(("a", 40, 20), ("b", users, did)))
    for name in ("absolute_low", "relative_high", "stratified_absolute_high", "stratified_p_value"):
        assert np.isfinite(found[name][0]) == has_interval
    assert np.isfinite(found["absolute"][0]) and np.isfinite(found["p_value"][0])


@pytest.mark.parametrize(("did", "test"), [((9, 1), "two_proportions_z"), ((8, 1), "fisher_exact")])
def test_few_users_are_compared_exactly(did, test):
    """Five, or four and a half, are expected to do it in either arm of 20. Against the tests of scipy."""
    found = read_out(cells_of(("a", 20, did[0]), ("b", 20, did[1])))
    cells = [[count, 20 - count] for count in did]
    exact, normal = stats.fisher_exact(cells).pvalue, stats.chi2_contingency(cells, correction=False).pvalue
    assert found["test"][0] == test
    assert found["p_value"][0] == pytest.approx(exact if test == "fisher_exact" else normal)


def test_the_examples_of_the_documentation():
    """docs/experiment_readout.md, by hand; the intervals with the normal distribution, which 1.96 is of."""
    strata = [cells_of(("a", 600, 60), ("b", 500, 60)), cells_of(("a", 400, 140), ("b", 500, 170))]
    cells = {name: [*strata[0][name], *strata[1][name]] for name in strata[0]} | {"stratum": ["d", "d", "m", "m"]}
    found = {name: values[0] for name, values in read_out(cells).items()}
    plain = ["absolute", "p_value", "absolute_low", "absolute_high", "relative", "relative_low", "relative_high"]
    wanted = [0.03, 0.1025, -0.0060, 0.0660, 0.15, -0.0276, 0.3635]
    assert [found[name] for name in plain] == pytest.approx(wanted, abs=5e-5)
    assert found["stratified_absolute"] == pytest.approx(0.55 * 0.02 - 0.45 * 0.01)
    assert found["stratified_p_value"] == pytest.approx(0.71, abs=0.005)
    arms = [[Arm(100, mean, 4) for mean in means] for means in ((3.2, 2.9), (3.0, 2.5))]
    adjusted = [experiments.adjusted(outcome, before, 2.4, 0.6, 2.7) for outcome, before in arms]
    assert [one.mean for one in adjusted] == pytest.approx([3.08, 3.12])
    assert [one.variance for one in adjusted] == pytest.approx([2.56, 2.56])
    assert experiments.users_for_rates(0.2, 0.1, 0.05, 0.8) == 6510


def test_without_a_control_nothing_is_read_out():
    cells = cells_of(("a", 20, 10), ("b", 20, 10))
    cells["is_control"] = [False, False]
    assert all(len(values) == 0 for values in read_out(cells).values())
    nobody = {name: np.array([], dtype=type(values[0])) for name, values in cells.items()}
    assert all(len(values) == 0 for values in read_out(nobody).values())


def test_each_variant_is_compared_with_its_own_control():
    """Of one experiment among others, whose cells come in any order."""
    cells = cells_of(("a", 100, 40), ("b", 100, 60), ("c", 100, 45))
    others = cells_of(("a", 90, 30), ("b", 90, 50)) | {"experiment_name": ["d", "d"]}
    mixed = {name: [*cells[name], *others[name]][::-1] for name in cells}
    found = read_out(mixed)
    differences = dict(
        zip(zip(found["experiment_name"], found["variant"], strict=True), found["absolute"], strict=True)
    )
    assert differences == pytest.approx({("d", "b"): 20 / 90, ("e", "b"): 0.2, ("e", "c"): 0.05})


def test_many_tests_are_judged_within_their_family():
    """Of three families one has a p that is no number. By hand: 0.01 × 3 / 1, 0.02 × 3 / 2 are both above 0.03."""
    p = np.array([0.02, 0.04, np.nan, 0.01, 0.03, np.nan])
    found = experiments.false_discovery_rates(p, np.array([1, 0, 0, 1, 1, 2]))
    assert list(found[[0, 1, 3, 4]]) == pytest.approx([0.03, 0.04, 0.03, 0.03])
    assert np.isnan(found[[2, 5]]).all()
    assert len(experiments.false_discovery_rates(np.array([]), np.array([]))) == 0


@pytest.mark.parametrize(
    ("effect", "power", "users"), [(0.2, 0.8, 393), (0.5, 0.8, 64), (0.8, 0.8, 26), (0.5, 0.9, 85)]
)
def test_cohens_table_of_users(effect, power, users):
    """Statistical Power Analysis for the Behavioral Sciences, 2nd ed., table 2.4.1; rounded there, rounded up here."""
    assert users <= experiments.users_for_means(effect, 1.0, 1.0, 0.05, power) <= users + 1


def test_users_for_means_are_those_of_the_noncentral_t():
    for effect in (0.05, 0.1, 0.3, 1.0):
        for power in (0.5, 0.8, 0.95):
            wanted = TTestIndPower().solve_power(effect, power=power, alpha=0.01)
            assert experiments.users_for_means(effect, 1.0, 1.0, 0.01, power) == pytest.approx(wanted, abs=1.1)


def test_users_for_rates_are_those_of_statsmodels():
    for rate in (0.01, 0.3, 0.8):
        for lift in (-0.1, 0.02, 0.2):
            wanted = samplesize_proportions_2indep_onetail(rate * lift, rate, 0.8, alpha=0.025, alternative="larger")
            assert experiments.users_for_rates(rate, lift, 0.05, 0.8) == pytest.approx(np.ceil(wanted), abs=1)


def test_published_numbers_of_users():
    """Pocock, Clinical Trials, 1983, ch. 9: 578 a group from 90 to 95 % at a power of 0.9 (without pooling).

    Kohavi and others, Data Mining and Knowledge Discovery 18, 2009, ch. 3, who round 15.7 up to 16: 121,600 users to
    find 5 % more of a rate of 5 %, and 409,600 (they print 409,000) for a mean of 3.75 with a deviation of 30.
    """
    assert experiments.users_for_rates(0.9, 0.05 / 0.9, 0.05, 0.9) == pytest.approx(578, rel=0.01)
    assert experiments.users_for_rates(0.05, 0.05, 0.05, 0.8) == pytest.approx(121_600, rel=0.02)
    assert experiments.users_for_means(3.75, 30.0**2, 0.05, 0.05, 0.8) == pytest.approx(409_600, rel=0.02)


@pytest.mark.parametrize(("rate", "lift"), [(0, 0.1), (0.95, 0.1), (0.5, 0)])
def test_nothing_to_find_takes_no_number_of_users(rate, lift):
    assert np.isnan(experiments.users_for_rates(rate, lift, 0.05, 0.8))
    assert np.isnan(experiments.users_for_means(rate * 0, 1.0, lift, 0.05, 0.8))


# ------------------------------------------------------------------ how often it is right

STRATA = {"users": [400, 300, 200, 100], "rate": [0.1, 0.25, 0.45, 0.7], "days": [1.0, 1.5, 3.0, 4.5]}
USERS = sum(STRATA["users"])
LIFT = 0.1


def within_three_errors(count: int, share: float) -> bool:
    return abs(count / RUNS - share) <= 3 * sqrt(share * (1 - share) / RUNS)


@cache
def made_up(design: str, lift: float) -> dict[str, np.ndarray]:
    """The read-out of RUNS experiments with users made up one by one.

    Each has 1,000 users, of strata whose rate and days of activity differ much. Days are of seven, before and after,
    and more for some users than for others. Under `coins` a user's stratum and variant are drawn each for itself; under
    `blocks` the strata have their size, and every two users of one get a variant each.
    """
    draw = np.random.default_rng([2025, design == "blocks", int(lift * 100)])
    chunks = []
    for begin in range(0, RUNS, 250):
        runs = np.arange(begin, min(begin + 250, RUNS))
        shape = (len(runs), USERS)
        if design == "coins":
            stratum = draw.choice(len(STRATA["users"]), size=shape, p=np.array(STRATA["users"]) / USERS)
            variant = draw.integers(0, 2, size=shape)
        else:
            stratum = np.broadcast_to(np.repeat(np.arange(len(STRATA["users"])), STRATA["users"]), shape)
            firsts = draw.integers(0, 2, size=(len(runs), USERS // 2))
            variant = np.stack([firsts, 1 - firsts], axis=2).reshape(shape)
        more = 1 + lift * variant
        did = draw.random(shape) < np.array(STRATA["rate"])[stratum] * more
        often = np.array(STRATA["days"])[stratum] / 7
        chance = draw.beta(6 * often, 6 * (1 - often))
        before = draw.binomial(7, chance)
        after = draw.binomial(7, np.minimum(chance * more, 1))
        cell = (runs[:, None] * len(STRATA["users"]) + stratum) * 2 + variant
        for metric, outcome in (("rate", did.astype(float)), ("days", after.astype(float))):
            sums = [np.ones(shape), outcome, outcome**2, before, before**2, outcome * before]
            start = begin * len(STRATA["users"]) * 2
            size = len(runs) * len(STRATA["users"]) * 2
            totals = [np.bincount((cell - start).ravel(), weights=values.ravel(), minlength=size) for values in sums]
            cells = np.arange(start, start + size)
            chunks.append(
                {
                    "experiment_name": cells // 2 // len(STRATA["users"]),
                    "metric": np.full(size, metric),
                    "is_rate": np.full(size, metric == "rate"),
                    "stratum": cells // 2 % len(STRATA["users"]),
                    "variant": cells % 2,
                    "is_control": cells % 2 == 0,
                    "users": totals[0],
                    "outcome_sum": totals[1],
                    "outcome_square_sum": totals[2],
                    "covariate_sum": totals[3],
                    "covariate_square_sum": totals[4],
                    "product_sum": totals[5],
                    "confidence": np.full(size, 0.95),
                    "least_in_cell": np.full(size, 5),
                }
            )
    return read_out({name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]})


def of(found: dict[str, np.ndarray], metric: str, column: str) -> np.ndarray:
    values = found[column][found["metric"] == metric]
    assert len(values) == RUNS and not np.isnan(values).any()
    return values


@pytest.mark.parametrize(
    ("design", "estimate"), [("coins", ""), ("blocks", "stratified_"), ("coins", "cuped_"), ("coins", "stratified_")]
)
@pytest.mark.parametrize("metric", ["rate", "days"])
def test_without_an_effect_one_in_twenty_is_significant(design, estimate, metric):
    p = of(made_up(design, 0), metric, f"{estimate}p_value")
    assert within_three_errors(np.sum(p < 0.05), 0.05), np.mean(p < 0.05)


@pytest.mark.parametrize(
    ("design", "estimate"), [("coins", ""), ("blocks", "stratified_"), ("coins", "cuped_"), ("coins", "stratified_")]
)
@pytest.mark.parametrize("scale", ["absolute", "relative"])
@pytest.mark.parametrize("lift", [0, LIFT])
def test_the_planted_lift_of_a_rate_lies_in_nineteen_of_twenty_intervals(design, estimate, scale, lift):
    found = made_up(design, lift)
    rate = np.dot(STRATA["users"], STRATA["rate"]) / USERS
    truth = lift * (rate if scale == "absolute" else 1)
    low, high = (of(found, "rate", f"{estimate}{scale}_{end}") for end in ("low", "high"))
    holds = np.sum((low <= truth) & (truth <= high))
    assert within_three_errors(holds, 0.95), holds / RUNS


@pytest.mark.parametrize(("design", "estimate"), [("coins", ""), ("blocks", "stratified_"), ("coins", "cuped_")])
@pytest.mark.parametrize("scale", ["absolute", "relative"])
def test_so_does_no_difference_of_a_mean(design, estimate, scale):
    found = made_up(design, 0)
    low, high = (of(found, "days", f"{estimate}{scale}_{end}") for end in ("low", "high"))
    holds = np.sum((low <= 0) & (high >= 0))
    assert within_three_errors(holds, 0.95), holds / RUNS


def test_blocks_make_the_pooled_test_shy_and_the_others_sharp():
    """Blocks take what tells strata apart out of the difference. The pooled test does not know: it is too careful."""
    p = of(made_up("blocks", 0), "rate", "p_value")
    assert np.mean(p < 0.05) < 0.05 - 3 * sqrt(0.05 * 0.95 / RUNS)
    planted = made_up("blocks", LIFT)
    pooled, stratified = (np.mean(of(planted, "days", f"{kind}p_value") < 0.05) for kind in ("", "stratified_"))
    assert stratified > pooled + 0.05
    assert np.mean(of(planted, "days", "cuped_variance_reduction")) > 0.3


def test_so_many_users_as_the_table_says_find_the_lift_as_often_as_it_says():
    for rate, lift in ((0.3, 0.1), (0.05, 0.2)):
        users = int(experiments.users_for_rates(rate, lift, 0.05, 0.8))
        draw = np.random.default_rng(7)
        arms = [
            arm_of(np.full(RUNS, users), did, did)
            for did in (draw.binomial(users, r, RUNS) for r in (rate * (1 + lift), rate))
        ]
        p = experiments.two_proportions(*arms, 0.95).p_value
        assert within_three_errors(np.sum(p < 0.05), 0.8), np.mean(p < 0.05)
