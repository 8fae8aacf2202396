"""Clusters: planted groups are found, noise is told as such, and what is said of them is so by another route."""

import csv
import random
from collections import Counter
from datetime import datetime, timedelta
from itertools import combinations
from math import dist, nan
from pathlib import Path

import duckdb
import generate_sample as generator
import numpy as np
import pandas as pd
import pytest
from conftest import SAMPLE, Build, run_dbt
from test_drivers import EVENT_COLUMNS, PROFILE_COLUMNS

from science import clusters
from science.clusters import Rules

RULES = Rules(
    max_users=10_000,
    min_users=50,
    min_share=0.02,
    max_k=10,
    resamples=20,
    tail_share=0.01,
    max_deviations=3,
    seed=1,
)
LEAST = {"silhouette": 0.25, "gain": 0.05, "stability": 0.65}


def adjusted_rand(ones, others) -> float:
    """By its definition: of all pairs, those that are together in both, beyond what chance makes."""
    pairs = list(combinations(range(len(ones)), 2))
    first = np.array([ones[a] == ones[b] for a, b in pairs])
    second = np.array([others[a] == others[b] for a, b in pairs])
    by_chance = first.sum() * second.sum() / len(pairs)
    return (np.sum(first & second) - by_chance) / ((first.sum() + second.sum()) / 2 - by_chance)


def test_a_published_adjusted_rand_index():
    """Ten objects, 0.313: K. Y. Yeung and W. L. Ruzzo, supplement to Bioinformatics 17 (2001), table 3."""
    ones = [1, 1, 2, 2, 2, 2, 3, 3, 3, 3]
    others = [1, 2, 1, 2, 2, 3, 3, 3, 3, 3]
    assert adjusted_rand(ones, others) == pytest.approx(0.313, abs=5e-4)


def preferred(quality: dict) -> tuple[str, int, float] | None:
    """The algorithm that others should use, its k and setting, by the rule that docs/clusters.md tells."""
    rows = pd.DataFrame(quality)
    trusted = rows[
        rows.is_chosen.astype(bool)
        & (rows.silhouette >= LEAST["silhouette"])
        & (rows.silhouette - rows.silhouette_by_chance >= LEAST["gain"])
        & (rows.stability >= LEAST["stability"])
    ]
    if trusted.empty:
        return None
    best = trusted.loc[trusted.silhouette.idxmax()]
    return best.algorithm, best.k, best.setting


def groups(draw, sizes: list[int], features: int, spread=1.0, apart=9.0) -> tuple[np.ndarray, np.ndarray]:
    """Round clouds whose middles are all `apart` from each other, turned in some direction, in any order."""
    count = len(sizes)
    middles = np.zeros((count, features))
    middles[:, :count] = np.eye(count) * apart / np.sqrt(2)
    turn, _ = np.linalg.qr(draw.normal(size=(features, features)))
    labels = draw.permutation(np.repeat(np.arange(count), sizes))
    noise = draw.normal(size=(len(labels), features)) * np.broadcast_to(spread, count)[labels][:, None]
    return (middles @ turn)[labels] + noise, labels


def equal(draw):
    return groups(draw, [100] * 4, 6)


def unequal(draw):
    return groups(draw, [250, 90, 40, 20], 5)


def of_other_spread(draw):
    return groups(draw, [130] * 3, 6, spread=[0.5, 1, 1.5])


def among_idle_features(draw):
    values, labels = groups(draw, [90] * 5, 5)
    return np.column_stack([values, draw.normal(size=(len(values), 2))]), labels


def with_outliers(draw):
    values, labels = equal(draw)
    values[draw.choice(len(values), 4, replace=False)] *= 200
    return values, labels


def with_gaps(draw):
    values, labels = equal(draw)
    values[draw.random(values.shape) < 0.02] = nan
    return values, labels


def counts(draw):
    rates = np.array([[0.3, 0.3, 20, 5], [15, 0.2, 1, 5], [12, 30, 15, 0.3]])
    labels = draw.integers(3, size=400)
    return draw.poisson(rates[labels] * draw.lognormal(0, 0.3, (400, 1))).astype(float), labels


def crossed(draw):
    """Two features that have two modes each and nothing to do with each other."""
    labels = draw.integers(4, size=400)
    return np.column_stack([labels % 2, labels // 2]) * 8 + draw.normal(size=(400, 2)), labels


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    "shape", [equal, unequal, of_other_spread, among_idle_features, with_outliers, with_gaps, counts, crossed]
)
def test_planted_groups_are_found(shape, seed):
    values, labels = shape(np.random.default_rng(seed))
    is_log = [shape is counts] * values.shape[1]
    algorithm, k, setting = preferred(clusters.compared(values, is_log, RULES))
    assert k == len(set(labels))
    found = clusters.assigned(values, is_log, {algorithm: setting}, RULES)
    assert adjusted_rand(labels, found["cluster"]) >= 0.9
    sizes = np.bincount(found["cluster"])[1:]
    assert list(sizes) == sorted(sizes, reverse=True)


def test_only_hdbscan_finds_groups_that_are_not_round():
    """Two half moons: its clusters are right, and those of k-means, which silhouettes favour, are not."""
    draw = np.random.default_rng(1)
    angle, labels = draw.uniform(0, np.pi, 400), np.repeat([0, 1], 200)
    turned = np.where(labels == 0, 1, -1)
    values = np.column_stack([np.cos(angle) * turned + labels, np.sin(angle) * turned + labels * 0.5])
    values += draw.normal(size=values.shape) * 0.05
    found = clusters.assigned(values, [False] * 2, {"hdbscan": 0.08, "k_means": 2}, RULES)
    by_algorithm = {name: found["cluster"][found["algorithm"] == name] for name in ("hdbscan", "k_means")}
    assert adjusted_rand(labels, by_algorithm["hdbscan"]) >= 0.9
    assert adjusted_rand(labels, by_algorithm["k_means"]) < 0.5


@pytest.mark.parametrize(("least", "is_chosen"), [(0.025, True), (0.026, False)])
def test_a_cluster_has_the_least_share(least, is_chosen):
    """Five of 200 are exactly 0.025."""
    values, _ = groups(np.random.default_rng(1), [195, 5], 4, apart=30)
    rules = Rules(10_000, 50, least, 2, 1, 0, 100, 1)
    quality = clusters.compared(values, [False] * 4, rules)
    found = zip(quality["algorithm"], quality["smallest_share"], quality["is_chosen"], strict=True)
    assert ("k_means", 0.025, is_chosen) in list(found)


def cloud(draw):
    return draw.normal(size=(300, 5))


def even(draw):
    return draw.random((300, 2))


def stretched(draw):
    """One thing beneath all features: a long cloud, which any algorithm cuts across."""
    return draw.normal(size=(300, 1)) + draw.normal(size=(300, 5)) * 0.4


def skewed(draw):
    return draw.exponential(size=(300, 4))


def mostly_nothing(draw):
    """Counts that most have none of."""
    return draw.poisson(draw.lognormal(-1, 1.5, (300, 5))).astype(float)


@pytest.mark.parametrize("noise", [cloud, even, stretched, skewed, mostly_nothing])
def test_noise_is_told_as_such(noise):
    for seed in (1, 2):
        values = noise(np.random.default_rng(seed))
        assert preferred(clusters.compared(values, [False] * values.shape[1], RULES)) is None


def test_silhouette_by_its_definition():
    draw = np.random.default_rng(3)
    sample, labels = draw.normal(size=(30, 3)), draw.integers(-1, 3, size=30)
    labels[labels == 2] = 1
    labels[0] = 2  # alone in its cluster: 0
    widths = []
    for one, label in zip(sample, labels, strict=True):
        means = {other: [dist(one, row) for row in sample[labels == other] if row is not one] for other in (0, 1, 2)}
        near = sum(means[label]) / max(1, sum(labels == label) - 1) if label >= 0 else nan
        next_one = min(np.mean(means[other]) for other in means if other != label)
        widths.append((next_one - near) / max(near, next_one) if label in (0, 1) else 0)
    between = np.linalg.norm(sample[:, None] - sample, axis=2)
    assert clusters.silhouette(sample, labels) == pytest.approx(np.mean(widths))
    assert clusters.silhouette(sample, labels, between) == pytest.approx(np.mean(widths))
    assert np.isnan(clusters.silhouette(sample, np.zeros(30, dtype=int)))


def test_standard_features_by_hand():
    """Tails are put at their percentile, then the middle is 0 and the spread 1; the unknown is in the middle."""
    rules = Rules(100, 3, 0.02, 10, 1, tail_share=0.25, max_deviations=1.2, seed=1)
    logs = np.exp([0, 1, 3, 4, 2]) - 1
    values = np.column_stack([[0.0, 1, nan, 3, 1000], [7] * 5, [nan] * 5, logs])
    features = clusters.standardised(values, [False, False, False, True], rules)
    # 0 1 3 1000 and their median 2 are 1 1 2 3 3 between their quartiles; mean 2, variance 4 / 5. So the logarithms.
    first = np.array([-1, -1, 0, 1, 1]) / np.sqrt(0.8)
    second = np.array([-1, -1, 1, 1, 0]) / np.sqrt(0.8)
    assert features.rows == pytest.approx(np.column_stack([first, second]))
    closer = Rules(100, 3, 0.02, 10, 1, tail_share=0.25, max_deviations=1.1, seed=1)
    clipped = clusters.standardised(values, [False, False, False, True], closer)
    assert clipped.rows == pytest.approx(np.column_stack([first, second]).clip(-1.1, 1.1))


def test_what_has_two_modes_is_made_to_have_one():
    """By hand: a share of ¼ away from the mode is spread evenly between. What has one mode stays nearly as it is."""
    assert clusters.of_one_mode(np.array([0, 0, 0, 1.0])) == pytest.approx([0, 0, 0, 0.5])
    assert clusters.of_one_mode(np.array([5, 5, 5])) == pytest.approx([5, 5, 5])
    draw = np.random.default_rng(7)
    one = draw.gamma(2, size=2_000)
    assert clusters.of_one_mode(one)[100:-100] == pytest.approx(np.sort(one)[100:-100], abs=0.1)
    two = np.concatenate([draw.normal(-4, size=1_000), draw.normal(4, size=1_000)])
    heights = np.histogram(clusters.of_one_mode(two), bins=12)[0]
    steps = np.sign(np.diff(heights[np.abs(np.diff(heights, prepend=0)) > 60]))
    assert sum(np.diff(steps) != 0) <= 1
    assert np.histogram(two, bins=12)[0][5:7].max() < 10 < 100 < heights[5:7].min()


def test_clusters_are_numbered_by_size_and_then_by_their_first_row():
    assert list(clusters.by_size(np.array([2, 0, 0, -1, 1, 1, 3, 3, 3]))) == [4, 2, 2, 0, 3, 3, 1, 1, 1]
    assert list(clusters.by_size(np.array([-1, -1]))) == [0, 0]


@pytest.mark.parametrize(
    "values",
    [
        np.empty((0, 3)),
        np.empty((80, 0)),
        np.random.default_rng(1).normal(size=(49, 3)),
        np.ones((80, 3)),
        np.full((80, 3), nan),
        np.column_stack([np.ones(80), np.full(80, np.inf)]),
    ],
    ids=["nobody", "no features", "too few", "all alike", "nothing known", "infinite"],
)
def test_where_there_is_nothing_to_find_there_are_no_rows(values):
    is_log = [True] * values.shape[1]
    assert clusters.compared(values, is_log, RULES)["k"] == []
    assert len(clusters.assigned(values, is_log, {"k_means": 2, "hdbscan": 0.02}, RULES)["cluster"]) == 0


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "values",
    [
        np.repeat([[0.0, 1], [1, 0]], 40, axis=0),
        np.repeat([[0.0, 1], [1, 0], [5, 5]], 40, axis=0),
        np.column_stack([np.arange(80.0), np.full(80, nan)]),
        np.random.default_rng(1).normal(size=(50, 1)),
        np.where(np.eye(60, 4, dtype=bool), nan, np.arange(240.0).reshape(60, 4)),
    ],
    ids=["two kinds", "three kinds", "one feature known", "one feature", "some unknown"],
)
def test_odd_data_is_borne(values):
    is_log = [False] * values.shape[1]
    quality = clusters.compared(values, is_log, RULES)
    rows = zip(quality["algorithm"], quality["setting"], quality["is_chosen"], strict=True)
    found = clusters.assigned(values, is_log, {name: setting for name, setting, chosen in rows if chosen}, RULES)
    assert np.isfinite(found["projection_x"]).all() and np.isfinite(found["projection_y"]).all()
    assert ((found["score"] >= 0) & (found["score"] <= 1)).all()


def by_subject(values: np.ndarray, order: np.ndarray, rules: Rules) -> tuple[list, list]:
    """What the two Python models give for users of a relation whose rows stand in some order."""
    frame = pd.DataFrame(values, columns=[f"feature_{place}" for place in range(values.shape[1])])
    frame["user_id"] = [f"user {number:04}" for number in range(len(values))]
    features = [("users", f"feature_{place}", "log" if place else "plain") for place in range(values.shape[1])]
    with duckdb.connect() as session:
        session.register("shuffled", frame.iloc[order])
        measured = {"users": session.sql("from shuffled"), "first_sessions": session.sql("from shuffled limit 10")}
        quality = pd.DataFrame(clusters.compared_by_subject(measured, features, rules))
        chosen = quality[quality.is_chosen][["subject", "algorithm", "setting"]].itertuples(index=False)
        found = pd.DataFrame(clusters.assigned_by_subject(measured, features, list(chosen), rules))
    return quality, found


def test_neither_the_order_of_rows_nor_another_run_changes_anything():
    draw = np.random.default_rng(5)
    values, _ = groups(draw, [60, 50, 40], 4, apart=6)
    rules = Rules(120, 50, 0.02, 5, 3, 0.01, 3, 1)
    first = by_subject(values, np.arange(len(values)), rules)
    again = by_subject(values, draw.permutation(len(values)), rules)
    for one, other in zip(first, again, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert len(first[1]) == 150 * first[0].is_chosen.sum()
    assert set(first[0].subject) == {"users"}


def test_a_feature_that_is_not_measured_is_an_error():
    with duckdb.connect() as session, pytest.raises(ValueError, match="names what is not measured: speed"):
        clusters.read(session.sql("select 'a' as user_id, 1 as age"), [("age", "log"), ("speed", "log")])


def test_of_many_users_some_are_drawn_and_all_have_a_cluster():
    draw = np.random.default_rng(6)
    values, labels = groups(draw, [900, 600, 300], 5)
    rules = Rules(200, 50, 0.02, 6, 5, 0.01, 3, 1)
    quality = clusters.compared(values, [False] * 5, rules)
    assert (set(quality["users"]), set(quality["users_used"])) == ({1800}, {200})
    rows = zip(quality["algorithm"], quality["setting"], quality["is_chosen"], strict=True)
    found = pd.DataFrame(
        clusters.assigned(values, [False] * 5, {name: setting for name, setting, chosen in rows if chosen}, rules)
    )
    assert set(found.algorithm) == set(clusters.ALGORITHMS)
    some = draw.choice(1800, 300, replace=False)
    for _, one in found.groupby("algorithm"):
        assert (len(one), one.is_fitted.sum()) == (1800, 200)
        assert adjusted_rand(labels[some], one.cluster.to_numpy()[some]) >= 0.9


# --------------------------------------------------------------------------------- the marts


def frame(build: Build, query: str) -> pd.DataFrame:
    with duckdb.connect(str(build.build_file), read_only=True) as connection:
        return connection.sql(query).df()


MEASURED = {"users": "int_users_measured", "first_sessions": "int_first_sessions_measured"}


def check_profiles(build: Build) -> None:
    """Means, lifts and differences of every cluster, from the rows, with pandas."""
    found = frame(build, "from marts.ml_cluster_profiles")
    words = frame(build, "from reference.cluster_features").set_index(["subject", "feature"])
    for subject, name in MEASURED.items():
        values = frame(build, f"from intermediate.{name}").set_index("user_id").astype(float)
        placed = frame(build, f"from intermediate.int_users_clustered where subject = '{subject}'")
        for (algorithm, cluster), members in placed.groupby(["algorithm", "cluster"]):
            told = found[(found.subject == subject) & (found.algorithm == algorithm) & (found.cluster == cluster)]
            inside = values.loc[members.user_id]
            assert set(told.feature) == set(words.loc[subject].index)
            for row in told.itertuples():
                mean, usual = inside[row.feature].mean(), values[row.feature].mean()
                spread = values[row.feature].std(ddof=0)
                assert (row.users, row.share) == (len(inside), len(inside) / len(values))
                assert (row.mean, row.mean_of_all) == pytest.approx((mean, usual), abs=1e-8)
                assert row.lift == pytest.approx(mean / usual if usual else nan, rel=1e-6, nan_ok=True)
                wanted = (mean - usual) / spread if spread else nan
                assert row.difference == pytest.approx(wanted, rel=1e-5, abs=1e-8, nan_ok=True)
                assert row.is_distinguishing == (abs(row.difference) >= 0.5)
            [first] = told[told["rank"] == 1].itertuples()
            words_of_first = words.loc[(subject, first.feature), "words"]
            assert f"{len(inside)} of {len(values)} " in first.sentence and words_of_first in first.sentence
            assert sorted(told["rank"]) == list(range(1, len(told) + 1))
            assert told.sentence.notna().sum() == 1


def test_profiles(sample_build):
    check_profiles(sample_build)
    preferred_rows = frame(sample_build, "from marts.ml_cluster_quality where is_preferred")
    assert set(preferred_rows.subject) == set(MEASURED)
    assert not frame(sample_build, "from marts.ml_cluster_profiles where is_preferred").sentence.isna().all()


def test_clusters_of_first_sessions_beside_their_segments(sample_build):
    both = frame(
        sample_build,
        "select algorithm, cluster, segment from marts.ml_first_session_clusters"
        " join marts.fct_first_sessions using (user_id)",
    )
    found = frame(sample_build, "from marts.agg_first_session_cluster_segments")
    for algorithm, rows in both.groupby("algorithm"):
        wanted = pd.crosstab(rows.cluster, rows.segment)
        told = found[found.algorithm == algorithm]
        table = told.pivot(index="cluster", columns="segment", values="clients")
        assert (table.to_numpy() == wanted.to_numpy()).all()
        shares = told.pivot(index="cluster", columns="segment", values="share_of_cluster")
        assert shares.to_numpy() == pytest.approx(wanted.div(wanted.sum(axis=1), axis=0).to_numpy())
        shares = told.pivot(index="cluster", columns="segment", values="share_of_segment")
        assert shares.to_numpy() == pytest.approx(wanted.div(wanted.sum(axis=0), axis=1).to_numpy())
        [index] = set(told.adjusted_rand_index)
        assert index == pytest.approx(adjusted_rand(list(rows.cluster), list(rows.segment)))


def test_first_sessions_of_the_sample_world_against_what_was_planted(sample_build):
    """The generator knows what each client set out to do. Steps that are left out, and chats in between, blur it."""
    stream = generator.Stream(generator.DEFAULT_SEED, "feed", "onboarding_events")
    clients = generator.make_clients(generator.make_world(), stream.child("clients"))
    accounts = generator.make_accounts(clients, stream.child("accounts"))
    first = accounts.number == 0
    planted = dict(zip(clients.client_id[accounts.client[first]], accounts.behaviour[first], strict=True))
    rows = sample_build.query("select user_id, cluster from marts.ml_first_session_clusters where is_preferred")
    known = [(planted[user], cluster) for user, cluster in rows if user in planted]
    assert len(known) > 0.9 * len(rows) and len({behaviour for behaviour, _ in known}) == len(generator.BEHAVIOURS)
    assert adjusted_rand(*zip(*known, strict=True)) >= 0.7


def test_users_of_the_sample_world_against_what_they_did(sample_build):
    """Told by the generator: those who chat in the app, those who order, those who only visit, and all the others."""
    world = generator.make_world()
    [(cutoff_at,)] = sample_build.query("select cutoff_at from intermediate.int_cutoffs_spanned where is_newest")
    ends = int(np.datetime64(cutoff_at, "us").astype(np.int64))

    def whoever(told, weeks: int) -> set[str]:
        at = told.started_at if told is world.visits else told.at
        inside = (at >= ends - 7 * weeks * generator.DAY_US) & (at < ends)
        return set(world.users.user_id[told.user[inside]])

    kinds = {user: "idle" for user in world.users.user_id}
    kinds |= dict.fromkeys(whoever(world.visits, 4), "visits")
    kinds |= dict.fromkeys(whoever(generator.make_orders(world), 5), "orders")
    kinds |= dict.fromkeys(whoever(generator.chat_app_events(world), 4), "chats")
    rows = sample_build.query("select user_id, cluster from marts.ml_user_clusters where is_preferred")
    known = [(kinds[user], cluster) for user, cluster in rows if user in kinds]
    assert len(known) > 0.95 * len(rows)
    assert adjusted_rand(*zip(*known, strict=True)) >= 0.9
    most = {kind: Counter(cluster for one, cluster in known if one == kind).most_common(1)[0][0] for kind, _ in known}
    assert len(set(most.values())) == len(most) == 4


TABLES = ("intermediate.int_clusterings_compared", "intermediate.int_users_clustered")


def test_two_builds_give_the_same_tables(sample_build, tmp_path):
    home = tmp_path / "home"
    sample_build.copy_to(home)
    done = run_dbt(SAMPLE, home, "run", "--select", *(table.partition(".")[2] for table in TABLES))
    assert done.status == 0, done.output
    for table in TABLES:
        assert done.query(f"from {table} order by all") == sample_build.query(f"from {table} order by all")


GROUPS = {"sleepers": 130, "chatters": 90, "buyers": 60, "moderated": 40}
BEGIN, END = datetime(2025, 1, 6), datetime(2025, 6, 2, 1)
COLUMNS = {
    "users": PROFILE_COLUMNS,
    "chat_events": EVENT_COLUMNS,
    "orders": ["order_id", "user_id", "ordered_at", "order_value"],
    "user_activity": ["user_id", "session_id", "timestamp", "session_length", "messages_sent", "feedback_rating"],
    "point_transactions": ["transaction_id", "user_id", "transaction_at", "transaction_type", "points"],
}
COLUMNS["user_activity"].append("resources_clicked")


def write_world(folder: Path, seed: int) -> dict[str, str]:
    """Users who of late did nothing, chatted, bought, or had moderated sessions. Returns the group of each."""
    draw = random.Random(seed)
    rows = {feed: [] for feed in COLUMNS}
    group_of = {}
    for group, size in GROUPS.items():
        for _ in range(size):
            user = {"user_id": f"user {draw.randrange(10**9):09}"}
            group_of[user["user_id"]] = group
            rows["users"].append(user | {"created_at": BEGIN + timedelta(days=draw.random() * 100)})
            times = {"sleepers": 0, "chatters": draw.randrange(8, 20)}.get(group, draw.randrange(4, 10))
            for at in [END - timedelta(hours=2 + draw.random() * 24 * 27) for _ in range(times)]:
                key = f"{user['user_id']} {at}"
                if group == "chatters":
                    event = {"event_id": key, "event_name": "chat_message_sent", "event_at": at}
                    rows["chat_events"].append(user | event)
                elif group == "buyers":
                    rows["orders"].append(user | {"order_id": key, "ordered_at": at, "order_value": 20})
                    points = {"transaction_id": key, "transaction_type": "accrue", "points": 20}
                    rows["point_transactions"].append(user | {"transaction_at": at} | points)
                else:
                    session = dict.fromkeys(COLUMNS["user_activity"], 3) | {"session_id": key, "timestamp": at}
                    rows["user_activity"].append(session | user)
    # The last thing that the feeds tell of.
    last = {"user_id": "nobody", "event_id": "end", "event_name": "app_open", "event_at": END}
    rows["chat_events"].append(last)
    rows["orders"].append({"user_id": "nobody", "order_id": "end", "ordered_at": END, "order_value": 1})
    folder.mkdir()
    for feed, columns in COLUMNS.items():
        with (folder / f"{feed}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows[feed])
    return group_of


def build_marts(folder: Path, *marts: str) -> Build:
    """Marts, and what they are made of, from folder/feeds, with the data tests of these."""
    selection = ("--select", *marts, "--indirect-selection", "cautious", "--exclude-resource-type", "unit_test")
    done = run_dbt(folder / "feeds", folder / "home", "build", *selection)
    assert done.status == 0, done.output
    return done


def test_planted_groups_from_the_feeds_to_the_marts(tmp_path):
    planted = write_world(tmp_path / "feeds", seed=1)
    marts = ("+ml_user_clusters", "+ml_cluster_profiles")
    done = build_marts(tmp_path, *marts)
    [(k, users)] = done.query("select k, users from marts.ml_cluster_quality where is_preferred and subject = 'users'")
    assert (k, users) == (len(GROUPS), sum(GROUPS.values()))
    rows = done.query("select user_id, cluster from marts.ml_user_clusters where is_preferred")
    assert adjusted_rand([planted[user] for user, _ in rows], [cluster for _, cluster in rows]) >= 0.9
    sentences = [
        sentence
        for (sentence,) in done.query(
            "select sentence from marts.ml_cluster_profiles"
            " where is_preferred and sentence is not null and subject = 'users' order by cluster"
        )
    ]
    said = ["four weeks 0.00", "chats begun in four weeks", "orders in five weeks", "moderated sessions in four weeks"]
    for size, sentence, words in zip(GROUPS.values(), sentences, said, strict=True):
        assert sentence.startswith(f"{size} of 320 users: ") and words in sentence
    check_profiles(done)
    # Nobody began to onboard: there are no first sessions to compare.
    assert done.query("select count(*) from marts.ml_cluster_quality where subject = 'first_sessions'") == [(0,)]


def test_without_feeds_there_are_no_clusters(tmp_path):
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "users.csv").write_text(",".join(PROFILE_COLUMNS) + "\n")
    marts = ("+ml_cluster_profiles", "+agg_first_session_cluster_segments", "+ml_user_clusters")
    done = build_marts(tmp_path, *marts)
    for mart in ("ml_cluster_quality", "ml_cluster_profiles", "ml_user_clusters", "agg_first_session_cluster_segments"):
        assert done.query(f"select count(*) from marts.{mart}") == [(0,)]
