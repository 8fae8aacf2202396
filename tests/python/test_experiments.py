"""Experiments: who gets which variant, that it stays theirs, how even it is, and whether a broken split is seen."""

import csv
import json
import os
import random
import shutil
from collections import Counter
from datetime import datetime, timedelta
from math import sqrt
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from conftest import DBT, SAMPLE, Build, run, run_dbt
from oracle.activity import age
from oracle.experiments import Assignment, Dealer, Experiment, Exposure, User
from statsmodels.stats.proportion import proportions_ztest
from test_sample_world import as_utc, generator

from science import sample_ratios

LONG = bool(os.environ.get("ENGAGEMENT_LONG_TESTS"))
TABLES = ["fct_user_strata", "agg_experiment_health", "agg_assignment_balance"]
STARTS, ENDS = datetime(2025, 3, 1), datetime(2025, 6, 1)
MICROSECOND = timedelta(microseconds=1)
MIN_STRATUM_SIZE = 20
DECLARED = [
    Experiment("halves", ("control", "treatment"), (1, 1), "salt | of it", (), "blocks", STARTS, ENDS),
    Experiment("uneven", ("a", "b"), (1, 2), "other salt", ("gender", "device_type"), "blocks", STARTS, ENDS),
    Experiment("three", ("x", "y", "z"), (3, 1, 2), "salt", ("country_group",), "blocks", STARTS, ENDS),
    Experiment("seen", ("old", "new"), (1, 1), "", ("country_group", "income_band"), "exposures", STARTS, ENDS),
]
# What the first users say, and how many of them: sizes just large enough for a stratum, and just too small.
COMBINATIONS = [("mobile", "female", 61), ("mobile", "male", 50), ("desktop", "female", 20), ("desktop", "male", 19)]


# --- the deal ------------------------------------------------------------------------------------------


def some_users(draw: random.Random, number: int, device: str, gender: str) -> list[User]:
    """Users who registered before the start, while it runs, and too late."""
    users = []
    for _ in range(number):
        created_at = STARTS + timedelta(seconds=draw.randint(-5_000_000, 9_000_000), microseconds=draw.randint(0, 999))
        says = {
            "country_group": draw.choice(["tier1", "tier2", "a;b", "unknown"]),
            "device_type": device,
            "acquisition_channel": "organic",
            "acquisition_campaign": "unknown",
            "gender": gender,
            "age_band": "unknown",
            "income_band": draw.choice(["low", "high"]),
        }
        users.append(User(f"user {draw.getrandbits(48):x}", min(created_at, ENDS + timedelta(days=9)), says))
    return users


def some_exposures(draw: random.Random, users: list[User]) -> list[Exposure]:
    """Exposures of some users to `seen`, some of them to both variants, to an unknown one, or too late."""
    exposures = [
        Exposure("seen", "a stranger", "new", STARTS + timedelta(days=3)),
        Exposure("seen", "at the start", "old", STARTS),
        Exposure("seen", "at the end", "old", ENDS),
        Exposure("seen", "twice at once", "old", STARTS + timedelta(days=4)),
        Exposure("seen", "twice at once", "new", STARTS + timedelta(days=4)),
    ]
    for user in draw.sample(users, len(users) // 2):
        for _ in range(draw.randint(1, 3)):
            at = STARTS + timedelta(seconds=draw.randint(-900_000, 8_500_000))
            exposures.append(Exposure("seen", user.user_id, draw.choice(["old", "new", "new", "lost"]), at))
    return exposures


def write_feeds(folder: Path, users: list[User], exposures: list[Exposure]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    columns = list(users[0].says) if users else []
    with (folder / "users.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user_id", "created_at", *(name for name in columns if name != "age_band")])
        for user in users:
            says = [text if text != "unknown" else "" for name, text in user.says.items() if name != "age_band"]
            writer.writerow([user.user_id, user.created_at, *says])
    with (folder / "experiment_exposures.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(Exposure._fields)
        writer.writerows(exposures)


class World:
    """A warehouse whose experiments are DECLARED, and the dealer who does the same by hand."""

    def __init__(self, folder: Path):
        self.feeds, self.home = folder / "feeds", folder / "home"
        draw = random.Random(1)
        self.dealer = Dealer(DECLARED, MIN_STRATUM_SIZE)
        self.users = [user for device, gender, n in COMBINATIONS for user in some_users(draw, n, device, gender)]
        self.users += [
            User("a moment too late", ENDS, self.users[0].says),
            User("just in time", ENDS - MICROSECOND, self.users[0].says),
        ]
        self.exposures = some_exposures(draw, self.users)
        self.draw = draw
        self.declare()

    def declare(self) -> None:
        """Makes a build file, and puts the experiments in the place of those that come with the project."""
        write_feeds(self.feeds, self.users, self.exposures)
        selected = ["+stg_platform__users", "experiments", "age_bands"]
        kinds = ["--exclude-resource-type", "test", "unit_test"]
        made = run_dbt(self.feeds, self.home, "build", "--select", *selected, *kinds, science=False)
        assert made.status == 0, made.output
        rows = [
            (
                *(one.name, "", "user", "|".join(one.variants), "|".join(map(str, one.weights)), one.salt or None),
                *("|".join(one.strata_columns) or None, one.assignment, one.starts_at, one.ends_at),
            )
            for one in DECLARED
        ]
        with duckdb.connect(str(made.build_file)) as warehouse:
            warehouse.execute("delete from reference.experiments")
            warehouse.executemany(f"insert into reference.experiments values ({', '.join('?' * 10)})", rows)

    def build(self, *arguments: str) -> Build:
        write_feeds(self.feeds, self.users, self.exposures)
        select = ["--select", *(f"+{name}" for name in TABLES)]
        return run_dbt(self.feeds, self.home, "run", *select, *arguments, science=False)

    def assignments(self, *arguments: str) -> dict[tuple[str, str], Assignment]:
        """Builds and reads."""
        done = self.build(*arguments)
        assert done.status == 0, done.output
        rows = done.query(
            f"select experiment_name, user_id, {', '.join(Assignment._fields)} from marts.fct_experiment_assignments"
        )
        strata = done.query("select experiment_name, user_id, stratum, stratum_users from marts.fct_user_strata")
        sizes = Counter((row[0], row[3]) for row in rows)
        assert sorted(strata) == sorted((*row[:2], row[3], sizes[row[0], row[3]]) for row in rows)
        return {row[:2]: Assignment(*row[2:]) for row in rows}

    def by_hand(self) -> dict[tuple[str, str], Assignment]:
        return self.dealer.arrive(self.users, self.exposures)


def of_blocks(assignments: dict) -> dict:
    return {key: one for key, one in assignments.items() if one.place_in_stratum is not None}


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> World:
    return World(tmp_path_factory.mktemp("experiments"))


def assert_balanced(assignments: dict) -> None:
    """A variant has its share of a stratum but for what the open block may owe it or has given it too early."""
    for one in DECLARED[:3]:
        block = sum(one.weights)
        of_experiment = {user: a for (name, user), a in assignments.items() if name == one.name}
        for stratum, size in Counter(a.stratum for a in of_experiment.values()).items():
            counts = Counter(a.variant for a in of_experiment.values() if a.stratum == stratum)
            whole, rest = divmod(size, block)
            for variant, weight in zip(one.variants, one.weights, strict=True):
                early = counts[variant] - whole * weight
                assert max(0, rest - (block - weight)) <= early <= min(weight, rest), (one.name, stratum, variant)


def test_users_are_dealt_as_by_hand_and_stay_where_they_are(world):
    """One arrival after another: each build gives what dealing by hand gives, and changes nothing of before."""
    first = world.assignments()
    assert first == world.by_hand()
    strata = {(name, one.stratum) for (name, _), one in first.items()}
    assert ("uneven", "device_type=desktop;gender=female") in strata, "20 users are enough"
    assert ("uneven", "device_type=desktop;gender=male") not in strata, "19 are not"
    assert {stratum for name, stratum in strata if name == "halves"} == {"all"}
    in_halves = {user for name, user in first if name == "halves"}
    assert "just in time" in in_halves and "a moment too late" not in in_halves
    seen = {user for name, user in first if name == "seen"}
    assert {"a stranger", "at the start", "twice at once"} <= seen and "at the end" not in seen
    assert_balanced(first)

    # More users, one combination being large enough now; somebody's profile says something else.
    world.users += some_users(world.draw, 9, "desktop", "male") + some_users(world.draw, 40, "tablet", "female")
    changed = world.users[0]
    world.users[0] = changed._replace(says=changed.says | {"gender": "other", "country_group": "tier9"})
    world.exposures += some_exposures(world.draw, world.users)[5:]
    second = world.assignments("--full-refresh")
    assert second == world.by_hand()
    assert len(of_blocks(second)) > len(of_blocks(first))
    assert {key: second[key] for key in of_blocks(first)} == of_blocks(first)
    assert {key: second[key].stratum for key in first} == {key: one.stratum for key, one in first.items()}
    assert any(one.stratum == "device_type=desktop;gender=male" for one in second.values())
    assert_balanced(second)

    # The build file is gone, and some users with it.
    shutil.rmtree(world.home / "build")
    gone = world.users.pop()
    world.declare()
    third = world.assignments("--full-refresh")
    assert of_blocks(third) == of_blocks(second) == of_blocks(world.by_hand())
    assert ("halves", gone.user_id) in third


def test_what_could_not_be_kept_counts_for_nothing(world):
    before = world.assignments()
    assert before == world.by_hand(), "a build without anything new changes nothing"
    folder, aside = world.home / "raw" / "assignments", world.home / "aside"
    world.users += some_users(world.draw, 5, "mobile", "male")
    # A build that is killed while it writes leaves this behind.
    (folder / "next.incoming").write_text("half of a file")
    kept = sorted(folder.glob("*.parquet"))
    folder.rename(aside)
    folder.write_text("in the way")
    failed = world.build()
    assert failed.status == 1 and "could not be " in failed.output, failed.output
    found = failed.query("select experiment_name, user_id, variant from marts.fct_experiment_assignments")
    assert {row[:2]: row[2] for row in found} == {key: one.variant for key, one in before.items()}
    folder.unlink()
    aside.rename(folder)
    after = world.assignments()
    assert after == world.by_hand() and len(after) > len(before)
    assert [*kept, *(path for path in sorted(folder.iterdir()) if path not in kept)] == sorted(folder.iterdir())
    assert {path.suffix for path in folder.iterdir()} == {".parquet"}


def test_without_users_there_is_nothing_to_deal(tmp_path):
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    (feeds / "users.csv").write_text("user_id,created_at\n")
    selected = [f"+{name}" for name in TABLES]
    kinds = ["--exclude-resource-type", "test", "unit_test"]
    done = run_dbt(feeds, tmp_path / "home", "build", "--select", *selected, *kinds)
    assert done.status == 0, done.output
    assert done.query("select count(*) from marts.fct_experiment_assignments") == [(0,)]
    assert done.query("select distinct out_of, verdict from marts.agg_experiment_health") == [(0, None)]


def test_the_example_in_the_documentation():
    """docs/experiments.md deals by hand."""
    tips = Experiment("tips", ("control", "short"), (1, 2), "spring", (), "blocks", STARTS, ENDS)
    users = {name: User(name, STARTS, {}) for name in ("ada", "bob", "cleo", "dan", "eve", "finn")}
    dealer = Dealer([tips], MIN_STRATUM_SIZE)
    dealer.arrive([users[name] for name in ("ada", "bob", "cleo", "dan")], [])
    dealt = dealer.arrive(list(users.values()), [])
    assert {user: (one.place_in_stratum, one.block_number, one.variant) for (_, user), one in dealt.items()} == {
        "dan": (1, 1, "short"),
        "bob": (2, 1, "control"),
        "cleo": (3, 1, "short"),
        "ada": (4, 2, "short"),
        "eve": (5, 2, "short"),
        "finn": (6, 2, "control"),
    }


# --- declarations --------------------------------------------------------------------------------------

GOOD = {
    "experiment_name": "e",
    "unit": "user",
    "variants": "a|b",
    "weights": "1|2",
    "salt": "s",
    "strata_columns": "gender|age_band",
    "assignment": "blocks",
    "starts_at": "2025-03-01 00:00:00",
    "ends_at": "2025-03-02 00:00:00",
}
WRONG = {
    "unit is account, and can only be user": {"unit": "account"},
    "it needs at least two variants, separated by bars": {"variants": "a", "weights": "1"},
    "a variant is empty, or has blanks around it": {"variants": "a| b"},
    "a variant stands there twice": {"variants": "a|a"},
    "there are 2 variants and 3 weights": {"weights": "1|1|1"},
    "weights are whole numbers from 1 to 1000, not 1|0": {"weights": "1|0"},
    "weights are whole numbers from 1 to 1000, not 1|0.5": {"weights": "1|0.5"},
    "weights are whole numbers from 1 to 1000, not one|1": {"weights": "one|1"},
    "shoe_size in strata_columns is none of country_group, ": {"strata_columns": "gender|shoe_size"},
    "assignment is coin, and can only be blocks or exposures": {"assignment": "coin"},
    "it needs a salt": {"salt": None},
    "it needs a starts_at, and an ends_at that is later": {"ends_at": GOOD["starts_at"]},
}


def check_declarations(home: Path, rows: list[dict]) -> str:
    """What the check says of these rows."""
    texts = ["(" + ", ".join("null" if value is None else f"'{value}'" for value in row.values()) + ")" for row in rows]
    relation = f"(select * from (values {', '.join(texts)}) as declared({', '.join(GOOD)}))"
    argument = json.dumps({"experiments": relation})
    return run([DBT, "run-operation", "fail_on_wrong_experiments", "--args", argument], SAMPLE, home).output


def test_a_wrong_declaration_is_told_in_a_sentence(tmp_path):
    rows = [GOOD | change | {"experiment_name": f"wrong {place}"} for place, change in enumerate(WRONG.values())]
    twice = GOOD | {"experiment_name": "twice"}
    said = check_declarations(tmp_path, [*rows, GOOD, GOOD | {"experiment_name": None}, twice, twice])
    for place, problem in enumerate(WRONG):
        assert f"Experiment wrong {place}: {problem}" in said, said
    assert "Experiment without a name: experiment_name is empty." in said
    assert "Experiment e:" not in said and "Traceback" not in said
    assert "Experiment twice: it is declared more than once." in said
    assert said.count("Experiment ") == len(WRONG) + 2


# --- the split -----------------------------------------------------------------------------------------


def alarms(splits: np.ndarray, weights: tuple[int, ...], below: float) -> float:
    """The share of simulated experiments whose split is less likely than `below`."""
    rows = [
        (f"{number:06}", weight, users)
        for number, split in enumerate(splits.tolist())
        for weight, users in zip(weights, split, strict=True)
    ]
    return float(np.mean(np.array(sample_ratios.tested(rows)["p_value"]) < below))


@pytest.mark.parametrize("weights", [(1, 1), (2, 1, 1)])
@pytest.mark.parametrize("below", [0.001, 0.05])
def test_a_healthy_split_alarms_as_often_as_the_threshold_says(weights, below):
    runs = 20_000 if LONG else 4_000
    shares = np.array(weights) / sum(weights)
    splits = np.random.default_rng(5).multinomial(10_000, shares, size=runs)
    found = alarms(splits, weights, below)
    assert abs(found - below) <= 3 * sqrt(below * (1 - below) / runs), found


def test_a_split_of_45_to_55_is_seen():
    splits = np.random.default_rng(6).multinomial(10_000, (0.45, 0.55), size=2_000)
    assert alarms(splits, (1, 1), 0.001) > 0.99


def test_a_published_chi_squared_of_a_split():
    """Mendel's peas, 315, 108, 101 and 32 where 9 : 3 : 3 : 1 is expected: chi-squared 0.47, p 0.925.

    Fisher, Has Mendel's work been rediscovered?, Annals of Science 1, 1936.
    """
    counts = [("peas", weight, users) for weight, users in zip((9, 3, 3, 1), (315, 108, 101, 32), strict=True)]
    found = sample_ratios.tested(counts)
    assert (round(found["chi_squared"][0], 2), round(found["p_value"][0], 3)) == (0.47, 0.925)
    assert sample_ratios.tested([("empty", 1, 0), ("empty", 1, 0)])["p_value"] == [None]


# --- the sample ----------------------------------------------------------------------------------------


def accepted_exposures(build: Build) -> pd.DataFrame:
    """What the file says, once each, without the rows that are bad on purpose."""
    told = pd.read_csv(SAMPLE / "experiment_exposures.csv", dtype=str)
    is_whole = told["variant"].notna() & (told["exposed_at"].str.len() > len("2025-01-01"))
    told = told[is_whole].drop_duplicates()
    told["at"] = [as_utc(text).replace(tzinfo=None) for text in told["exposed_at"]]
    assert build.query("select accepted_rows from quality.feed_reconciliation where feed = 'experiment_exposures'") == [
        (len(told),)
    ]
    return told


def test_the_sample_is_dealt_as_its_generator_deals_it(sample_build):
    world = generator.make_world()
    dealt = generator.deal_tips(world)
    wanted = {
        user: generator.TIPS.variants[number]
        for user, number in zip(world.users.user_id, dealt.tolist(), strict=True)
        if number >= 0
    }
    found = sample_build.query(
        "select user_id, variant from marts.fct_experiment_assignments where experiment_name = 'weekly_tips'"
    )
    assert dict(found) == wanted


def test_the_generator_knows_the_declarations(sample_build):
    declared = sample_build.query(
        "select experiment_name, variants, weights, coalesce(salt, ''), starts_at, ends_at from reference.experiments"
    )
    assert sorted(declared) == sorted(
        (
            one.name,
            "|".join(one.variants),
            "|".join(map(str, one.weights)),
            one.salt,
            *map(datetime.fromisoformat, times),
        )
        for one in (generator.GREETING, generator.SAME_GREETING, generator.BANNER, generator.TIPS)
        for times in [(one.starts_at, one.ends_at)]
    )


def test_the_broken_split_is_caught_and_no_other(sample_build):
    told = accepted_exposures(sample_build)
    found = {
        name: (p, verdict)
        for name, p, verdict in sample_build.query(
            "select experiment_name, p_value, verdict from marts.agg_experiment_health "
            "where check_name = 'sample_ratio'"
        )
    }
    assert {name for name, (_, verdict) in found.items() if verdict == "alarm"} == {"loyalty_banner"}
    for name, first in (("loyalty_banner", "control"), ("same_greeting_twice", "a"), ("shorter_greeting", "control")):
        own = told[told["experiment_name"] == name].sort_values("at").drop_duplicates("user_id")
        # With two variants chi-squared is the square of z.
        _, p = proportions_ztest((own["variant"] == first).sum(), len(own), 0.5, prop_var=0.5)
        assert found[name][0] == pytest.approx(p, rel=1e-9)


def test_what_was_planted_is_counted(sample_build):
    planted = {one.kind: one.people for one in generator.PLANTED_IRREGULARITIES}
    found = {
        row[:2]: row[2]
        for row in sample_build.query("select experiment_name, check_name, affected from marts.agg_experiment_health")
    }
    world = generator.make_world()
    made_at = dict(zip(world.users.user_id, generator.profile_made_at(world).tolist(), strict=True))
    told = accepted_exposures(sample_build)
    tips = told[told["experiment_name"] == "weekly_tips"]
    starts_at = pd.Timestamp(generator.TIPS.starts_at)
    before = tips["at"] < [max(starts_at, pd.Timestamp(made_at[user], unit="us")) for user in tips["user_id"]]
    profiles = {row[0] for row in sample_build.query("select user_id from staging.stg_platform__users")}
    valid = tips[tips["variant"].isin(generator.TIPS.variants) & ~tips["at"].lt(starts_at)]
    valid = valid[valid["at"] < pd.Timestamp(generator.TIPS.ends_at)]
    assert {
        check: found["weekly_tips", check]
        for check in ("two_variants", "another_variant", "unknown_variant", "out_of_time", "exposed_before_assignment")
    } == {
        "two_variants": planted["two_variants"],
        "another_variant": planted["another_variant"] + planted["two_variants"],
        "unknown_variant": planted["unknown_variant"],
        "out_of_time": planted["too_early"] + planted["too_late"],
        "exposed_before_assignment": tips[before & tips["user_id"].isin(profiles)]["user_id"].nunique(),
    }
    assert found["weekly_tip", "unknown_experiment"] == planted["unknown_experiment"]
    assert found["weekly_tips", "not_assigned"] == len(set(valid["user_id"]) - profiles) > 0
    assert found["weekly_tips", "never_exposed"] > 0


def test_the_balance_is_that_of_the_users(sample_build):
    """Standardised mean differences of every attribute and number, from users one by one."""
    names = ["country_group", "device_type", "acquisition_channel", "acquisition_campaign", "gender", "income_band"]
    users = pd.DataFrame(
        sample_build.query(
            f"select experiment_name, variant, assigned_at, created_at, birth_date, {', '.join(names)} from "
            "marts.fct_experiment_assignments left join staging.stg_platform__users using (user_id)"
        ),
        columns=["experiment", "variant", "assigned_at", "created_at", "birth_date", *names],
    )
    users["age"] = [
        age(pd.Timestamp(born).date(), at.date()) if pd.notna(born) else None
        for born, at in zip(users["birth_date"], users["assigned_at"], strict=True)
    ]
    users["tenure_days"] = np.trunc((users["assigned_at"] - users["created_at"]).dt.total_seconds() / 86_400)
    controls = {"same_greeting_twice": "a"}
    compared = 0
    for name, covariate, value, variant, mean, difference in sample_build.query(
        "select experiment_name, covariate, value, variant, mean, standardised_mean_difference "
        "from marts.agg_assignment_balance where covariate != 'age_band'"
    ):
        of_experiment = users[users["experiment"] == name]
        measured = (
            of_experiment[covariate].astype(float)
            if value is None
            else (of_experiment[covariate].fillna("unknown") == value).astype(float)
        )
        own = measured[of_experiment["variant"] == variant].dropna()
        control = measured[of_experiment["variant"] == controls.get(name, "control")].dropna()
        assert mean == pytest.approx(own.mean(), rel=1e-9)
        if variant == controls.get(name, "control"):
            assert difference is None
            continue
        spread = sqrt((own.var(ddof=value is None) + control.var(ddof=value is None)) / 2)
        assert difference == (pytest.approx((own.mean() - control.mean()) / spread, abs=1e-9) if spread else None)
        compared += 1
    assert compared > 100


def test_the_planted_lift_is_there():
    """In a larger world, where chance leaves less: one_line against the control, and the A/A test beside it."""
    world = generator.make_world(seed=3, scale=60)
    events = generator.chat_bursts(
        world, generator.Stream(3, "feed", "chat_events", "bursts"), generator.CHAT_PARTS_MAX
    )
    is_chat = events.name == generator.CHAT_EVENTS.index("chat_message_sent")
    within = events.at - world.users.signed_up_at[events.user] < 7 * generator.DAY_US
    chatting = set(events.user[is_chat & within].tolist())
    for exposures, lift in zip(
        generator.greeting_exposures(world, generator.Stream(3, "test")), (generator.GREETING_LIFT, 0), strict=True
    ):
        groups = [set(exposures.user[exposures.variant == name].tolist()) for name in np.unique(exposures.variant)]
        rates = [len(users & chatting) / len(users) for users in groups]
        error = sqrt(sum((1 - rate) / rate / len(users) for rate, users in zip(rates, groups, strict=True)))
        assert abs(np.log(rates[1] / rates[0]) - np.log(1 + lift)) < 3 * error
        assert error < 0.02
