"""Predictions: baselines told again row by row, worked examples from the literature, planted truth, and noise."""

import csv
import importlib.util
import random
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import product
from math import ceil, isclose, log, sqrt
from pathlib import Path
from statistics import fmean

import duckdb
import generate_sample as generator
import numpy as np
import pytest
from conftest import Build, run_dbt
from scipy import stats

from science import buy_till_you_die, importance, predictions, scores
from science.design import CATEGORIES, NUMBERS, Design
from science.tables import chunks_of, columns_of

MARTS = ["ml_predictions", "ml_model_scores", "ml_calibration", "ml_feature_importance"]


# ---------------------------------------------------------------- buy till you die


@pytest.fixture(scope="module")
def cdnow() -> np.ndarray:
    """2,357 customers of CDNOW: x, t_x and age in weeks, as Fader, Hardie and Lee have used them."""
    package = Path(importlib.util.find_spec("lifetimes").origin).parent
    return np.genfromtxt(package / "datasets" / "cdnow_customers_summary.csv", delimiter=",", skip_header=1)[:, 1:].T


def test_bg_nbd_of_cdnow_is_as_published(cdnow):
    """Fader, Hardie, Lee (2005), table 2: r 0.243, alpha 4.414, a 0.793, b 2.426, ln L -9582.4.

    And their note "Implementing the BG/NBD Model in Excel": of a customer with x = 2, t_x = 30.43 and
    age = 38.86, 1.226 purchases are expected in the next 39 weeks.
    """
    model = buy_till_you_die.fit(*cdnow, leaves_at_once=False)
    assert (round(model.r, 3), round(model.alpha, 3), round(model.a, 3), round(model.b, 3)) == (
        0.243,
        4.414,
        0.793,
        2.426,
    )
    assert round(model.log_likelihood, 1) == -9582.4
    assert model.expected_purchases(*np.array([[2.0], [30.43], [38.86]]), 39.0)[0] == pytest.approx(1.226, abs=5e-4)


@pytest.mark.parametrize("leaves_at_once", [False, True])
def test_the_gradient_is_that_of_the_likelihood(cdnow, leaves_at_once):
    at = np.array([-0.4, 1.1, -0.2, 0.6])
    _, gradient = buy_till_you_die.log_likelihood(at, *cdnow, leaves_at_once)
    for place in range(4):
        step = np.zeros(4)
        step[place] = 1e-5
        above, below = (
            buy_till_you_die.log_likelihood(at + sign * step, *cdnow, leaves_at_once)[0] for sign in (1, -1)
        )
        assert gradient[place] == pytest.approx((above - below) / 2e-5, rel=1e-5)


@pytest.mark.parametrize("leaves_at_once", [False, True])
@pytest.mark.parametrize(("x", "t_x", "age"), [(0, 0.0, 12.0), (1, 3.0, 12.0), (4, 11.5, 12.0)])
def test_what_is_expected_is_the_mean_over_all_rates_and_chances(leaves_at_once, x, t_x, age):
    """Integrated numerically over the rate of a customer and the chance of leaving, without any of the closed forms."""
    model = buy_till_you_die.BuyTillYouDie(1.8, 4.0, 1.7, 3.0, leaves_at_once)
    ahead, stays = 5.0, x + leaves_at_once
    nodes, weights = np.polynomial.legendre.leggauss(300)
    rate, chance = (nodes[:, None] + 1) * 5, (nodes[None, :] + 1) / 2
    rate_weights, chance_weights = weights * 5, weights / 2
    prior = stats.gamma(model.r, scale=1 / model.alpha).pdf(rate) * stats.beta(model.a, model.b).pdf(chance)

    def over_all(values: np.ndarray) -> float:
        return rate_weights @ (values * prior) @ chance_weights

    alive = (1 - chance) ** stays * rate**x * np.exp(-rate * age)
    dead = chance * (1 - chance) ** (stays - 1) * rate**x * np.exp(-rate * t_x) if stays else 0.0
    total = over_all(alive + dead)
    # Leaving does not matter for whether there is a next purchase: it comes after one.
    some = over_all(alive * (1 - np.exp(-rate * ahead))) / total
    expected = over_all(alive * (1 - np.exp(-rate * chance * ahead)) / chance) / total
    one = (np.array([float(x)]), np.array([t_x]), np.array([age]))
    assert model.probability_of_none(*one, ahead)[0] == pytest.approx(1 - some, abs=1e-6)
    assert model.expected_purchases(*one, ahead)[0] == pytest.approx(expected, rel=1e-5)
    value, _ = buy_till_you_die.log_likelihood(np.log([1.8, 4.0, 1.7, 3.0]), *one, leaves_at_once)
    assert value == pytest.approx(log(total), abs=1e-5)


def test_mbg_nbd_finds_what_customers_were_drawn_from():
    """Batislam et al. (2007): customers drawn from the model; who is said to buy nothing, does."""
    draw = np.random.default_rng(3)
    customers, ahead = 6_000, 6.0
    r, alpha, a, b = 1.2, 3.0, 1.5, 4.0
    x, t_x, age, bought = (np.zeros(customers) for _ in range(4))
    for number in range(customers):
        rate, chance = draw.gamma(r, 1 / alpha), draw.beta(a, b)
        age[number] = draw.uniform(5, 40)
        at, is_alive = 0.0, draw.random() >= chance
        while is_alive:
            at += draw.exponential(1 / rate)
            if at > age[number] + ahead:
                break
            if at <= age[number]:
                x[number], t_x[number] = x[number] + 1, at
            else:
                bought[number] += 1
            is_alive = draw.random() >= chance
    model = buy_till_you_die.fit(x, t_x, age, leaves_at_once=True)
    truth = buy_till_you_die.log_likelihood(np.log([r, alpha, a, b]), x, t_x, age, True)[0]
    # Twice the logarithm of the ratio is chi-squared of four degrees of freedom.
    assert 0 <= 2 * (model.log_likelihood - truth) < stats.chi2.ppf(0.999, 4)
    none = model.probability_of_none(x, t_x, age, ahead)
    place = scores.bins_of(none, 10)
    for bin_number in range(10):
        chances = none[place == bin_number]
        error = sqrt((chances * (1 - chances)).sum()) / len(chances)
        assert abs((bought[place == bin_number] == 0).mean() - chances.mean()) < 3.5 * error
    expected = model.expected_purchases(x, t_x, age, ahead)
    assert expected.mean() == pytest.approx(bought.mean(), abs=3.5 * bought.std() / sqrt(customers))
    assert fmean(expected[none < 0.3]) == pytest.approx(fmean(bought[none < 0.3]), rel=0.1)


@pytest.mark.parametrize("leaves_at_once", [False, True])
def test_whatever_the_parameters_expectations_are_possible(leaves_at_once):
    """Up to the bounds between which parameters are sought, and from no purchase to hundreds: nobody is expected to buy
    more than if nobody ever left."""
    at = np.exp(np.linspace(*buy_till_you_die.LOG_BOUNDS, 4))
    x = np.array([0.0, 1.0, 5.0, 60.0, 300.0])
    age = np.array([0.2, 10.0, 10.0, 50.0, 300.0])
    for r, alpha, a, b in product(at, repeat=4):
        model = buy_till_you_die.BuyTillYouDie(r, alpha, a, b, leaves_at_once)
        for t_x, ahead in product((age * 0.1, age), (1.0, 4.0)):
            alive, none = model.probability_alive(x, t_x, age), model.probability_of_none(x, t_x, age, ahead)
            assert ((alive >= 0) & (alive <= 1) & (none >= 0) & (none <= 1)).all()
            most = alive * (r + x) * ahead / (alpha + age)
            expected = model.expected_purchases(x, t_x, age, ahead)
            assert ((expected > -1e-9) & (expected <= most * (1 + 1e-6) + 1e-9)).all(), (r, alpha, a, b)


def test_impossible_histories_are_an_error():
    for x, t_x, age in [([], [], []), ([1], [3], [2]), ([-1], [0], [2]), ([0], [0], [0])]:
        with pytest.raises(ValueError, match=r"no customer|times must be"):
            buy_till_you_die.fit(np.array(x), np.array(t_x), np.array(age), True)


# ------------------------------------------------------------------------- scores


def auc_of_pairs(outcome, prediction) -> float:
    """Every pair of one who did and one who did not."""
    did, did_not = ([p for o, p in zip(outcome, prediction, strict=True) if (o > 0) is kind] for kind in (True, False))
    return fmean((p > q) + (p == q) / 2 for p in did for q in did_not)


def test_auc_counts_pairs_and_half_of_ties():
    draw = random.Random(1)
    outcome = [draw.choice([0, 0, 1, 2]) for _ in range(80)]
    prediction = [draw.randrange(6) / 5 for _ in range(80)]
    assert scores.auc(np.array(outcome), np.array(prediction)) == pytest.approx(auc_of_pairs(outcome, prediction))
    assert scores.auc(np.array([0, 1, 1]), np.array([0.2, 0.3, 0.4])) == 1
    assert np.isnan(scores.auc(np.array([1, 1]), np.array([0.2, 0.3])))


def test_intervals_allow_for_rows_of_one_user_being_alike():
    """As wide as the standard error of a mean of clusters says, and wider than if all rows were of different users."""
    draw = np.random.default_rng(5)
    user = np.repeat(np.arange(400), 5)
    outcome = np.clip(0.5 + draw.normal(0, 0.3, 400)[user] + draw.normal(0, 0.1, 2000), 0, 1)
    values = scores.resampled(outcome, {"half": np.full(2000, 0.5)}, user.astype(str), True, 2000, 1)["brier"]["half"]
    low, high = scores.interval(values)
    sums = np.bincount(user, (outcome - 0.5) ** 2)
    clustered = sqrt(((sums - sums.mean()) ** 2).sum()) / 2000
    assert (high - low) / 2 == pytest.approx(1.96 * clustered, rel=0.06)
    assert values[0] == pytest.approx(((outcome - 0.5) ** 2).mean())


def test_equal_predictions_share_a_bin():
    prediction = np.array([0.1] * 55 + [0.2] * 5 + [0.3 + number / 1000 for number in range(40)])
    place = scores.bins_of(prediction, 10)
    assert {int(number) for number in place[:55]} == {2}
    assert len(set(place[55:60])) == 1
    counts = np.bincount(place[60:])
    assert list(counts[counts > 0]) == [10, 10, 10, 10]


# ------------------------------------------------------------------ the whole sample


def read_examples(build: Build) -> list[dict]:
    with duckdb.connect(str(build.build_file), read_only=True) as connection:
        relation = connection.sql("from intermediate.int_examples_prepared order by user_id, cutoff_at")
        return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


TARGETS = {
    "orders_next_week": ("orders_next_week", "next_week_split"),
    "no_order_next_week": ("no_order_next_week", "next_week_split"),
    "dead": ("is_dead", "dead_split"),
}


def group_of(row: dict, baseline: str) -> int:
    if baseline == "last_week_repeated":
        return row["orders_week_1"] > 0
    return 0 if row["days_since_order"] is None else min(ceil(row["days_since_order"] / 7), 13)


def baseline_of(learned: list[dict], outcome: str, target: str, baseline: str):
    """The mean of a row's group among those learned from; of a number, last week's is the baseline itself."""
    if (target, baseline) == ("orders_next_week", "last_week_repeated"):
        return lambda row: float(row["orders_week_1"])
    groups = defaultdict(list)
    for row in learned:
        groups[group_of(row, baseline)].append(float(row[outcome]))
    of_all = fmean(float(row[outcome]) for row in learned)
    means = {group: round(fmean(values), 9) for group, values in groups.items()}
    return lambda row: means.get(group_of(row, baseline), round(of_all, 9))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("baseline", ["last_week_repeated", "recency_only"])
def test_scores_and_calibration_of_baselines(sample_build, target, baseline):
    outcome, split = TARGETS[target]
    rows = [row for row in read_examples(sample_build) if row[split]]
    predict = baseline_of([row for row in rows if row[split] == "train"], outcome, target, baseline)
    where = f"where target = '{target}' and model = '{baseline}'"
    found = {
        (part, metric): rest
        for part, metric, *rest in sample_build.query(
            f"select split, metric, value, examples, users, ci_low, ci_high from marts.ml_model_scores {where}"
        )
    }
    for part in ("train", "test"):
        judged = [row for row in rows if row[split] == part]
        pairs = [(float(row[outcome]), predict(row)) for row in judged]
        squared = fmean((p - o) ** 2 for o, p in pairs)
        metrics = {"auc": auc_of_pairs(*zip(*pairs[:4000], strict=True)) if len(pairs) <= 4000 else None}
        if target == "orders_next_week":
            metrics |= {"mse": squared, "mae": fmean(abs(p - o) for o, p in pairs)}
        else:
            metrics["brier"] = squared
        for metric, value in metrics.items():
            told, examples, users, low, high = found[part, metric]
            assert value is None or told == pytest.approx(value, abs=1e-8), (part, metric)
            assert (examples, users) == (len(judged), len({row["user_id"] for row in judged}))
            assert (low is None) is (part == "train") and (part == "train" or low <= told <= high)
    judged = sorted((predict(row), float(row[outcome])) for row in rows if row[split] == "test")
    bins = sample_build.query(
        "select bin, examples, mean_prediction, observed, predicted_total, observed_total, lift,"
        " share_of_examples_from_top, share_of_outcome_from_top"
        f" from marts.ml_calibration {where} order by bin"
    )
    begin, of_all = 0, fmean(o for _, o in judged)
    assert 1 < len(bins) <= 10
    for _, examples, mean_prediction, observed, predicted_total, observed_total, lift, share, outcome_share in bins:
        rows_of_bin, rest = judged[begin : begin + examples], judged[begin:]
        if begin:
            assert rows_of_bin[0][0] > judged[begin - 1][0]
        assert mean_prediction == pytest.approx(fmean(p for p, _ in rows_of_bin), abs=1e-8)
        assert observed == pytest.approx(fmean(o for _, o in rows_of_bin), abs=1e-8)
        assert predicted_total == pytest.approx(sum(p for p, _ in rows_of_bin), abs=1e-5)
        assert observed_total == pytest.approx(sum(o for _, o in rows_of_bin), abs=1e-5)
        assert lift == pytest.approx(observed / of_all, abs=1e-6)
        assert share == pytest.approx(len(rest) / len(judged))
        assert outcome_share == pytest.approx(sum(o for _, o in rest) / (of_all * len(judged)), abs=1e-6)
        begin += examples
    assert begin == len(judged)


def test_what_is_used_is_what_the_scores_say(sample_build):
    """Of every target one way; a baseline exactly where no model beats it by the decisive metric."""
    rows = sample_build.query(
        "select target, model, value, beats_baseline, is_chosen from marts.ml_model_scores"
        " where split = 'test' and is_decisive"
    )
    used = dict(sample_build.query("select distinct target, model from marts.ml_predictions"))
    assert used.keys() == TARGETS.keys()
    for target in TARGETS:
        of_target = {model: (value, beats) for name, model, value, beats, _ in rows if name == target}
        [chosen] = [model for name, model, *_, is_chosen in rows if name == target and is_chosen]
        winners = [model for model, (_, beats) in of_target.items() if beats] or ["last_week_repeated", "recency_only"]
        assert chosen == used[target] == min(winners, key=lambda model: of_target[model][0])
    assert sample_build.query(
        "select count(*) from marts.ml_predictions"
        " where is_baseline != (model in ('last_week_repeated', 'recency_only'))"
    ) == [(0,)]


def test_regulars_who_are_about_to_leave_are_told_from_those_who_stay(sample_build):
    """Of the sample world it is known who leaves when; who has left within the four weeks asked about is a leaver."""
    world = generator.make_world()
    leaves_at = dict(zip(world.users.user_id, world.users.left_at.tolist(), strict=True))
    regulars = set(world.users.user_id[generator.is_regular(world)])
    told = sample_build.query("select user_id, prediction, cutoff_at from marts.ml_predictions where target = 'dead'")
    rows = [
        (bool(leaves_at[user] < np.datetime64(cutoff_at, "us").astype(np.int64) + 28 * generator.DAY_US), prediction)
        for user, prediction, cutoff_at in told
        if user in regulars
    ]
    leave, prediction = zip(*rows, strict=True)
    assert len(rows) >= 15 and sum(leave) >= 2
    assert sample_build.query("select distinct is_baseline from marts.ml_predictions") == [(False,)]
    assert auc_of_pairs(leave, prediction) >= 0.75


def test_predictions_are_made_at_the_newest_cut_off_from_all_that_is_known(sample_build):
    rows = read_examples(sample_build)
    newest = [row for row in rows if row["is_newest"]]
    told = {
        (user, target): (cutoff_at, learned)
        for user, target, cutoff_at, learned in sample_build.query(
            "select user_id, target, cutoff_at, learned_users from marts.ml_predictions"
        )
    }
    for target, (outcome, _) in TARGETS.items():
        asked = [row for row in newest if target != "dead" or row["was_ordering"]]
        assert {user for user, name in told if name == target} == {row["user_id"] for row in asked}
        known = {row["user_id"] for row in rows if row[outcome] is not None}
        assert {told[row["user_id"], target] for row in asked} == {(newest[0]["cutoff_at"], len(known))}


@pytest.mark.parametrize("baseline", ["last_week_repeated", "recency_only"])
def test_where_no_model_is_better_the_baseline_says_it(sample_build, baseline):
    rows = read_examples(sample_build)
    known_rows = "next_week_split is not null or dead_split is not null or is_dead is not null"
    with duckdb.connect(str(sample_build.build_file), read_only=True) as connection:
        examples = connection.sql("from intermediate.int_examples_prepared order by user_id, cutoff_at")
        newest = list(chunks_of(examples.filter("is_newest"), 1))
        known = columns_of(examples.filter(known_rows))
    found = predictions.predicted(known, newest, dict.fromkeys(TARGETS, baseline), 4)
    assert found["is_baseline"].all() and set(found["model"]) == {baseline}
    told = dict(zip(zip(found["user_id"], found["target"], strict=True), found["prediction"], strict=True))
    for target, (outcome, _) in TARGETS.items():
        predict = baseline_of([row for row in rows if row[outcome] is not None], outcome, target, baseline)
        asked = [row for row in rows if row["is_newest"] and (target != "dead" or row["was_ordering"])]
        assert {user for user, name in told if name == target} == {row["user_id"] for row in asked}
        assert all(isclose(told[row["user_id"], target], predict(row), abs_tol=2e-9) for row in asked)


def test_learning_ends_before_judging_begins(sample_build):
    """Every label of the one is over at the first cut-off of the other."""
    rows = read_examples(sample_build)
    for (_, split), weeks in zip(TARGETS.values(), (1, 1, 4), strict=True):
        learned = [row["cutoff_at"] for row in rows if row[split] == "train"]
        judged = [row["cutoff_at"] for row in rows if row[split] == "test"]
        assert max(learned) + timedelta(weeks=weeks) <= min(judged)
        assert len(set(judged)) == 4


# ------------------------------------------------------------------- planted truth

WORLD_USERS, WORLD_WEEKS = 700, 30
WORLD_BEGIN = datetime(2025, 1, 6)
# Who leaves comes no more to the chat in so many weeks before the last order.
SILENT_WEEKS = 3
LEAVING_A_WEEK = 0.035


def write_world(folder: Path, seed: int) -> dict[str, float]:
    """Users who order about every week until they leave, and chat every week until a while before that.

    Gives the week, counted from the first, in which each one leaves.
    """
    draw = random.Random(seed)
    folder.mkdir()
    names = {
        "users": "user_id,created_at,gender,birth_date,income_band,acquisition_channel,acquisition_campaign,"
        "country_group,device_type,user_level,updated_at",
        "orders": "order_id,user_id,ordered_at,order_value",
        "user_activity": "user_id,session_id,timestamp,session_length,messages_sent,feedback_rating,resources_clicked",
    }
    lines = {feed: [header.split(",")] for feed, header in names.items()}
    leaves = {}
    for number in range(WORLD_USERS):
        user = f"u{number}"
        begin = draw.uniform(0, 12)
        leaves[user] = begin + draw.expovariate(LEAVING_A_WEEK)
        says = [
            draw.choice(["female", "male"]),
            "1990-05-05",
            "",
            draw.choice(["search", "email"]),
            "",
            "tier1",
            "mobile",
        ]
        created_at = WORLD_BEGIN + timedelta(weeks=begin)
        lines["users"].append([user, created_at, *says, "gold", created_at])
        for feed, rate, until in (("orders", 0.9, leaves[user]), ("user_activity", 2.5, leaves[user] - SILENT_WEEKS)):
            week = begin
            while (week := week + draw.expovariate(rate)) < min(until, WORLD_WEEKS):
                at, name = WORLD_BEGIN + timedelta(weeks=week), f"{user} {week}"
                lines[feed].append([name, user, at, 9] if feed == "orders" else [user, name, at, 30, 5, 4, 1])
    for feed, rows in lines.items():
        with (folder / f"{feed}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(rows)
    return leaves


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> tuple[Build, dict[str, float]]:
    folder = tmp_path_factory.mktemp("leaving")
    leaves = write_world(folder / "feeds", seed=1)
    select = [name for mart in MARTS for name in ("--select", f"+{mart}")]
    done = run_dbt(folder / "feeds", folder / "home", "build", *select, "--exclude-resource-type", "test", "unit_test")
    assert done.status == 0, done.output
    return done, leaves


@pytest.fixture(scope="module")
def columns(world) -> dict[str, np.ndarray]:
    with duckdb.connect(str(world[0].build_file), read_only=True) as connection:
        return columns_of(connection.sql("from intermediate.int_examples_prepared order by user_id, cutoff_at"))


def scores_of(columns: dict, resamples: int = 200) -> dict[tuple, dict]:
    found = predictions.scored(columns, 4, resamples, 10)
    rows = [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]
    return {(r["target"], r["model"], r["metric"]): r for r in rows if r["part"] == "score" and r["split"] == "test"}


def test_planted_leavers_are_found(world):
    build, leaves = world
    found = {
        (target, model, metric): rest
        for target, model, metric, *rest in build.query(
            "select target, model, metric, value, baseline, beats_baseline, gain_low from marts.ml_model_scores"
            " where split = 'test'"
        )
    }
    best = max(found["dead", model, "auc"][0] for model in predictions.MODELS)
    baseline = max(found["dead", model, "auc"][0] for model in predictions.BASELINES)
    assert best > 0.75 and best > baseline + 0.05
    assert found["dead", "boosted_trees", "brier"][2]
    told = build.query(
        "select user_id, prediction, model, is_baseline, cutoff_at from marts.ml_predictions where target = 'dead'"
    )
    [model], [is_baseline] = ({row[place] for row in told} for place in (2, 3))
    assert model in predictions.MODELS and not is_baseline
    # They are judged by who had really left at the newest cut-off, or leaves within days: what no feed tells.
    [cutoff_at] = {row[4] for row in told}
    now = (cutoff_at - WORLD_BEGIN) / timedelta(weeks=1)
    left = [float(leaves[user] < now + 0.5) for user, *_ in told]
    assert auc_of_pairs(left, [row[1] for row in told]) > 0.85


def test_what_tells_who_leaves_is_the_most_important(world):
    rows = world[0].query("select method, feature from marts.ml_feature_importance where target = 'dead' and rank <= 3")
    chat = {
        "days_since_active",
        "active_days_4w",
        "message_count_4w",
        "moderated_session_count_4w",
        "moderated_minutes_4w",
    }
    for method in ("linear_regression", "random_forest"):
        assert {feature for name, feature in rows if name == method} & chat


def test_two_builds_give_identical_tables(world):
    build, _ = world
    before = [build.query(f"from marts.{mart} order by all") for mart in MARTS]
    again = ["--select", "int_models_scored", "int_features_weighed", "int_users_predicted", *MARTS]
    done = run_dbt(build.home.parent / "feeds", build.home, "run", *again)
    assert done.status == 0, done.output
    assert [done.query(f"from marts.{mart} order by all") for mart in MARTS] == before
    assert all(before)


def test_shuffled_labels_teach_nothing(columns):
    """Of who was ordering, so that it is not known from elsewhere who could have a label at all."""
    honest = scores_of(columns, 0)
    draw = np.random.default_rng(7)
    shuffled = dict(columns)
    for target in ("no_order_next_week", "is_dead"):
        shuffled[target] = columns[target].copy()
        split = columns["dead_split" if target == "is_dead" else "next_week_split"]
        for part in ("train", "test"):
            rows = np.flatnonzero((split == part) & ~np.isnan(columns[target]))
            shuffled[target][rows] = draw.permutation(columns[target][rows])
    found = scores_of(shuffled, 0)
    for target in ("no_order_next_week", "dead"):
        for model in ("regularised_linear", "boosted_trees"):
            assert honest[target, model, "auc"]["value"] > 0.7
            assert found[target, model, "auc"]["value"] == pytest.approx(0.5, abs=0.05), (target, model)


@pytest.mark.parametrize("seed", range(4))
def test_on_noise_no_model_claims_to_beat_its_baseline(columns, seed):
    """Orders fall on users and weeks by chance alone."""
    draw = np.random.default_rng(seed)
    noise = dict(columns)
    rows = len(columns["user_id"])
    for number in range(1, 6):
        noise[f"orders_week_{number}"] = draw.poisson(0.3, rows).astype(float)
    for name in (
        "days_since_order",
        "days_since_active",
        "order_count",
        "tenure_days",
        "point_balance",
        "chat_count_4w",
    ):
        noise[name] = draw.integers(1, 60, rows).astype(float)
    noise["days_since_first_order"] = noise["days_since_order"] + draw.integers(0, 60, rows)
    orders, dead = draw.poisson(0.3, rows).astype(float), (draw.random(rows) < 0.4).astype(float)
    for name, outcome in {
        "orders_next_week": orders,
        "no_order_next_week": (orders == 0) * 1.0,
        "is_dead": dead,
    }.items():
        noise[name] = np.where(np.isnan(columns[name]), np.nan, outcome)
    found = scores_of(noise)
    decisive = {target.name: target.decisive_metric for target in predictions.targets(4)}
    claims = [key for key, row in found.items() if row["metric"] == decisive[key[0]] and row["beats_baseline"]]
    assert claims == []
    assert all(row["model"] in predictions.BASELINES for row in found.values() if row["is_chosen"])


# -------------------------------------------------------------------- single models


def made_up(rows: int, seed: int) -> dict[str, np.ndarray]:
    """Features of nobody: numbers and categories by chance, some unknown."""
    draw = np.random.default_rng(seed)
    columns = {name: draw.integers(0, 9, rows).astype(float) for name in NUMBERS}
    columns |= {
        name: draw.choice(["one", "other", "third"], rows, p=[0.5, 0.3, 0.2]).astype(object) for name in CATEGORIES
    }
    columns["age"][:: rows // 20] = np.nan
    columns["user_id"] = np.array([f"u{number}" for number in draw.integers(0, rows // 4, rows)], dtype=object)
    return columns


def test_a_design_standardises_fills_and_leaves_out_what_says_nothing():
    columns = made_up(400, 1)
    columns["has_profile"][:] = 1.0  # never varies
    columns["order_count"] = columns["orders_week_1"].copy()  # says the same
    design = Design.learn(columns)
    assert "has_profile" not in design.names and "order_count" not in design.names
    assert {"gender: other", "gender: third", "age: unknown", "orders_week_1"} <= set(design.names)
    assert "gender: one" not in design.names
    matrix = design.matrix(columns)
    assert matrix.mean(axis=0) == pytest.approx(0, abs=1e-9) and matrix.std(axis=0) == pytest.approx(1)
    place = design.names.index("orders_week_1")
    by_hand = np.log1p(columns["orders_week_1"])
    assert matrix[:, place] == pytest.approx((by_hand - by_hand.mean()) / by_hand.std())
    of_unknown_age = matrix[np.isnan(columns["age"]), design.names.index("age")]
    assert of_unknown_age == pytest.approx(0, abs=1e-9)  # the mean of the others is the mean of all
    new = {name: values[:3] for name, values in columns.items()} | {
        "gender": np.array(["new", "one", None], dtype=object)
    }
    assert design.matrix(new)[:, design.names.index("gender: other")] == pytest.approx(
        -design.means[design.names.index("gender: other")] / design.scales[design.names.index("gender: other")]
    )


def test_standard_errors_are_those_of_the_sandwich():
    """Liang and Zeger's estimate, written out: (X'X)^-1 (sum over users of X'e e'X) (X'X)^-1, with its correction."""
    columns = made_up(600, 2)
    draw = np.random.default_rng(2)
    _, user = np.unique(columns["user_id"].astype(str), return_inverse=True)
    outcome = columns["orders_week_1"] + draw.normal(0, 2, user.max() + 1)[user] + draw.normal(0, 1, 600)
    design = Design.learn(columns)
    matrix = design.matrix(columns)
    found = importance.regression(matrix, outcome, user)
    rows_and_one = np.column_stack([np.ones(600), matrix])
    y = (outcome - outcome.mean()) / outcome.std()
    beta, *_ = np.linalg.lstsq(rows_and_one, y, rcond=None)
    bread = np.linalg.inv(rows_and_one.T @ rows_and_one)
    parts = np.array(
        [rows_and_one[user == one].T @ (y - rows_and_one @ beta)[user == one] for one in range(user.max() + 1)]
    )
    clusters, (rows, k) = user.max() + 1, rows_and_one.shape
    meat = parts.T @ parts * clusters / (clusters - 1) * (rows - 1) / (rows - k)
    errors = np.sqrt(np.diag(bread @ meat @ bread))
    assert found["importance"] == pytest.approx(beta[1:], abs=1e-8)
    assert found["standard_error"] == pytest.approx(errors[1:], abs=1e-8)
    assert found["p_value"] == pytest.approx(2 * stats.norm.sf(np.abs(beta / errors))[1:], abs=1e-7)
    assert design.names[int(np.argmax(np.abs(found["importance"])))] == "orders_week_1"


def test_a_forest_names_what_matters_though_it_is_no_line():
    columns = made_up(1_500, 3)
    outcome = np.abs(columns["age"] - 4) + 0.0
    outcome[np.isnan(outcome)] = 0.0
    columns |= {"orders_next_week": outcome, "is_dead": np.full(1_500, np.nan)}
    found = importance.weighed(columns, 1_000)
    forest = {
        feature: value
        for method, feature, value in zip(found["method"], found["feature"], found["importance"], strict=True)
        if method == "random_forest"
    }
    assert max(forest, key=forest.get) == "age" and forest["age"] > 0.5
    assert all(abs(value) < 0.1 for feature, value in forest.items() if not feature.startswith("age"))
    assert set(found["target"]) == {"orders_next_week"}


def test_ridge_and_logistic_regression_solve_their_equations():
    """Where the penalised loss is least its slope is 0; for ridge the equations can be solved by hand."""
    columns = made_up(500, 4)
    design = Design.learn(columns)
    matrix = design.matrix(columns)
    count, yes = columns["orders_week_2"], (columns["orders_week_2"] > 4) * 1.0
    number, _, probability = predictions.targets(4)
    examples = [predictions.Examples(columns, matrix, outcome, columns) for outcome in (count, yes)]
    ridge = predictions.regularised_linear(number, examples[0])(columns, matrix)
    slopes = np.linalg.solve(
        matrix.T @ matrix + predictions.PENALTY * np.eye(matrix.shape[1]), matrix.T @ (count - count.mean())
    )
    assert ridge == pytest.approx(np.maximum(count.mean() + matrix @ slopes, 0), abs=1e-8)
    chance = predictions.regularised_linear(probability, examples[1])(columns, matrix)
    slopes, *_ = np.linalg.lstsq(np.column_stack([np.ones(500), matrix]), np.log(chance / (1 - chance)), rcond=None)
    assert matrix.T @ (yes - chance) == pytest.approx(predictions.PENALTY * slopes[1:], abs=1e-3)
    assert (yes - chance).sum() == pytest.approx(0, abs=1e-3)


def test_pieces_do_not_matter(world, columns):
    chosen = dict(zip(TARGETS, predictions.MODELS, strict=True))
    told = []
    with duckdb.connect(str(world[0].build_file), read_only=True) as connection:
        [(rows,)] = connection.execute(
            "select count(*) from intermediate.int_examples_prepared where is_newest"
        ).fetchall()
        for vectors in (1, 100):
            repeated = connection.sql(
                "select examples.* replace (user_id || ' ' || number as user_id)"
                " from intermediate.int_examples_prepared as examples cross join range(7) as numbers(number)"
                " where is_newest order by user_id, number"
            )
            pieces = list(chunks_of(repeated, vectors))
            assert len(pieces) == (-(-7 * rows // 2048) if vectors == 1 else 1)
            told.append(predictions.predicted(columns, pieces, chosen, 4))
    by_user = [sorted(zip(one["user_id"], one["target"], one["prediction"], strict=True)) for one in told]
    assert by_user[0] == by_user[1]
    assert len(told[0]["user_id"]) > 10 * rows


@pytest.mark.parametrize("users", [1, 3, 12])
def test_little_data_is_no_error(columns, users):
    few = np.isin(columns["user_id"].astype(str), np.unique(columns["user_id"].astype(str))[:users])
    part = {name: values[few] for name, values in columns.items()}
    found = predictions.scored(part, 4, 10, 10)
    chosen = {
        target: model
        for target, model, is_chosen in zip(found["target"], found["model"], found["is_chosen"], strict=True)
        if is_chosen
    }
    newest = {name: values[part["is_newest"]] for name, values in part.items()}
    told = predictions.predicted(part, [newest], chosen, 4)
    assert len(told["user_id"]) >= 2 * users and np.isfinite(told["prediction"].astype(float)).all()
    assert importance.weighed(part, 100)["target"] == []


def test_without_orders_there_are_no_predictions(tmp_path):
    """A feed with a header alone, another with nobody's activity: tables are there and empty."""
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    (feeds / "orders.csv").write_text("order_id,user_id,ordered_at,order_value\n")
    (feeds / "users.csv").write_text("user_id,created_at\na,2025-01-01 00:00:00\n")
    select = [name for mart in (*MARTS, "int_user_outcomes_observed") for name in ("--select", f"+{mart}")]
    which = ["--exclude", "test_type:unit", "--indirect-selection", "cautious"]
    done = run_dbt(feeds, tmp_path / "home", "build", *select, *which)
    assert done.status == 0, done.output
    for table in (*[f"marts.{mart}" for mart in MARTS], "intermediate.int_user_features"):
        assert done.query(f"from {table}") == []
