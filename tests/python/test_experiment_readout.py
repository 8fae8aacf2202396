"""Read-outs of the sample and of a made-up world of many experiments, against those of an independent reference."""

import csv
import random
import shutil
from collections import defaultdict
from datetime import datetime, timedelta
from math import sqrt
from pathlib import Path

import lives
import numpy as np
import pytest
from conftest import PROJECT, Build
from histories import TAXONOMY, US
from oracle import readouts as oracle
from tables import same

ESTIMATE = ["absolute", "absolute_low", "absolute_high", "relative", "relative_low", "relative_high", "p_value"]
COLUMNS = ["exposed_users", "users", "outcome_sum", *ESTIMATE, "q_value", "test"]
COLUMNS += [f"stratified_{name}" for name in [*ESTIMATE, "users"]]
COLUMNS += [f"cuped_{name}" for name in [*ESTIMATE, "variance_reduction"]]
DAYS = 7
WEEKS = 8  # of new users, for the power table
DAY = timedelta(days=1)

# ------------------------------------------------------------------ a world of experiments

EXPERIMENTS = 120
USERS_EACH = 240
LIFT = 0.1
BEGIN, END = datetime(2025, 3, 1), datetime(2025, 6, 1)
LAST = END + 3 * DAY  # up to when everything is known: of the last users not everything is
RATES = {"desktop": 0.25, "mobile": 0.45, "tablet": 0.6}
SEED_COLUMNS = ["experiment_name", "description", "unit", "variants", "weights", "salt", "strata_columns", "assignment"]
SEED_COLUMNS += ["starts_at", "ends_at"]
HEADERS = {
    "experiment_exposures": ["experiment_name", "user_id", "variant", "exposed_at"],
    "chat_events": lives.HEADERS["chat_events"],
    "users": lives.HEADERS["users"],
    "user_activity": lives.HEADERS["user_activity"],
}
# Moments at the bounds of the spans around an exposure, and beside them.
BOUNDS = [days * DAY + beside for days in (-8, -7, -1, 0, 1, 6, 7, 13, 14) for beside in (-US, timedelta(0), US)]


def made_up_world(folder: Path) -> str:
    """Writes the feeds of many experiments, each with users of its own, and gives the seed that declares them.

    Who chats does it by device, a tenth more often in the treated variant, and more often where they did before.
    """
    draw = random.Random(31)
    feeds = defaultdict(list)
    seed = [SEED_COLUMNS]
    feeds["chat_events"].append(["end", "clock", "greeting_shown", LAST, "", ""])
    for number in range(EXPERIMENTS):
        name = f"experiment {number}"
        variants = ["usual", "new", "newer"] if number % 6 == 0 else ["usual", "new"]
        strata = "device_type" if number % 3 else ""
        seed.append(
            [
                name,
                name,
                "user",
                "|".join(variants),
                "|".join("1" for _ in variants),
                "",
                strata,
                "exposures",
                BEGIN,
                END,
            ]
        )
        for place in range(USERS_EACH):
            tell_user(draw, feeds, name, f"{number}-{place}", draw.choice(variants))
    folder.mkdir(parents=True)
    for feed, rows in feeds.items():
        with (folder / f"{feed}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([HEADERS[feed], *rows])
    lines = [",".join(str(value) for value in row) for row in seed]
    return "\n".join(lines) + "\n"


def tell_user(draw: random.Random, feeds: dict[str, list], experiment: str, user: str, variant: str) -> None:
    """One user: a profile, exposures, and what they did before and after the first that counts."""
    device = draw.choice(list(RATES))
    at = BEGIN + timedelta(microseconds=draw.randrange(92 * 86_400_000_000))
    created_at = at - draw.choice([timedelta(0), 3 * DAY, 30 * DAY])
    feeds["users"].append([user, created_at, "", "", "", "", "", "", device, "", created_at])
    seen = [(at, variant)]
    chance = draw.random()
    if chance < 0.1:
        seen.append((at + draw.choice([US, DAY, 20 * DAY]), draw.choice(["usual", "new"])))  # maybe another variant
    elif chance < 0.2:
        seen.append((draw.choice([BEGIN - US, END]), draw.choice(["usual", "new"])))  # out of time
    elif chance < 0.25:
        seen.append((at - DAY, "unheard of"))
    elif chance < 0.28:
        seen = [(END + DAY, variant)]
    feeds["experiment_exposures"] += [[experiment, user, shown, when] for when, shown in seen]
    did = []
    before = draw.random() < RATES[device]
    if before:
        did.append((at - timedelta(microseconds=draw.randrange(1, 7 * 86_400_000_000)), "chat_message_sent"))
    # Those who did before chat 1.3 times as often as all users of their device, the others so that the rate comes out.
    rate = RATES[device]
    share = rate * 1.3 if before else rate * (1 - 1.3 * rate) / (1 - rate)
    if draw.random() < share * (1 + LIFT * (variant != "usual")):
        after = draw.choice([timedelta(0), DAYS * DAY - US, timedelta(microseconds=draw.randrange(7 * 86_400_000_000))])
        did.append((at + after, "chat_message_sent"))
    elif draw.random() < 0.5:
        did.append((at + DAYS * DAY + draw.choice([timedelta(0), US, DAY]), "chat_message_sent"))
    did += [(at + draw.choice(BOUNDS), draw.choice(["app_open", "greeting_shown"])) for _ in range(draw.randrange(5))]
    for place, (when, what) in enumerate(did):
        if when <= LAST:
            feeds["chat_events"].append([f"{place} of {user}", user, what, when, "", ""])
    if draw.random() < 0.3 and (when := at + draw.choice(BOUNDS)) <= LAST:
        feeds["user_activity"].append([user, f"of {user}", when, 10, 1, 5, 0])


@pytest.fixture(scope="session")
def world_build(tmp_path_factory, build_once) -> Build:
    """The read-outs of the made-up world, by a copy of the project that declares its experiments."""
    folder = tmp_path_factory.mktemp("experiments")
    seed = made_up_world(folder / "feeds")
    project = folder / "project"
    project.mkdir()
    for entry in PROJECT.iterdir():
        if entry.name not in ("seeds", ".git", "target", "logs", "warehouse"):
            (project / entry.name).symlink_to(entry)
    shutil.copytree(PROJECT / "seeds", project / "seeds")
    (project / "seeds" / "reference" / "experiments.csv").write_text(seed)
    models = ["--select", "+agg_experiment_readout", "+agg_experiment_power"]
    alone = ["--exclude-resource-type", "test", "unit_test"]
    return build_once("experiments", folder / "feeds", *models, *alone, "--project-dir", str(project))


# ------------------------------------------------------------------ against the reference


def known_of(build: Build) -> oracle.Known:
    with TAXONOMY.open(encoding="utf-8", newline="") as file:
        kinds = {row["event_name"]: (row["is_activity"], row["is_chat_initiation"]) for row in csv.DictReader(file)}
    active, chats = defaultdict(list), defaultdict(list)
    told = {"activity": [], "chat": []}  # when the feeds of each tell of something
    milestones = []
    for user, name, at, feed in build.query(
        "select user_id, event_name, event_at, feed from intermediate.int_events order by event_at"
    ):
        is_activity, is_chat = kinds.get(name, ("false", "false"))
        if is_activity == "true":
            active[user].append(at)
        if is_chat == "true":
            chats[user].append(at)
        (milestones if feed == "milestones" else told["activity"]).append(at)
        if feed == "chat_events":
            told["chat"].append(at)
    for user, at in build.query("select user_id, started_at from staging.stg_platform__activity_sessions"):
        active[user].append(at)
        told["activity"].append(at)
    return oracle.Known(
        {user: sorted(moments) for user, moments in active.items()},
        chats,
        # A milestone tells that its feed goes so far, and not that it began as early.
        (min(told["activity"]), max(told["activity"] + milestones)),
        (min(told["chat"]), max(told["chat"])),
    )


def declared_in(build: Build) -> list[oracle.Declared]:
    rows = build.query("select experiment_name, variants, starts_at, ends_at from reference.experiments")
    return [oracle.Declared(name, variants.split("|"), *times) for name, variants, *times in rows]


def expected(build: Build) -> dict:
    assigned = build.query(
        "select experiment_name, user_id, variant, stratum, assigned_at from marts.fct_experiment_assignments"
    )
    exposures = build.query(
        "select experiment_name, user_id, variant, exposed_at from staging.stg_experiments__exposures"
    )
    declared = declared_in(build)
    found = oracle.outcomes(declared, [oracle.Assigned(*row) for row in assigned], exposures, known_of(build), DAYS)
    return oracle.read_out(found, declared)


def differences(wanted: dict, build: Build) -> list:
    rows = build.query(
        f"select experiment_name, metric, variant, {', '.join(COLUMNS)} from marts.agg_experiment_readout"
    )
    found = {row[:3]: list(row[3:]) for row in rows}
    assert found.keys() == wanted.keys()
    return [
        (key, column, one, other)
        for key in wanted
        for column, one, other in zip(COLUMNS, wanted[key], found[key], strict=True)
        if not same(one, other)
    ]


def test_every_value_of_the_sample(sample_build):
    wanted = expected(sample_build)
    assert differences(wanted, sample_build) == []
    assert all(any(row[i] is not None for row in wanted.values()) for i in range(len(COLUMNS)))


def test_every_value_of_a_made_up_world(world_build):
    wanted = expected(world_build)
    assert len(wanted) == 3 * (2 * EXPERIMENTS + EXPERIMENTS // 6)
    assert differences(wanted, world_build) == []
    assert sum(row[0] for row in wanted.values()) > sum(row[1] for row in wanted.values()), "not all is known"


@pytest.mark.parametrize("where", ["sample", "experiments"])
def test_every_value_of_the_power_table(where, request):
    """Against the formula of statsmodels for rates, and its noncentral t for means, which is met within a user."""
    build = request.getfixturevalue("sample_build" if where == "sample" else "world_build")
    known, done = known_of(build), defaultdict(list)
    ends = {"chat_initiation": known.chats_between[1], "retention": known.active_between[1] - DAYS * DAY}
    ends["engagement"] = known.active_between[1]
    for user, at in build.query("select user_id, created_at from staging.stg_platform__users"):
        did = known.active.get(user, []), known.chats.get(user, [])
        for metric, outcome, _ in oracle.outcomes_of(at, *did, known, DAYS):
            if outcome is not None and at > ends[metric] - (DAYS + 7 * WEEKS) * DAY:
                done[metric].append(outcome)
    wanted, found = {}, {}
    for metric, lift, *row, needed, weeks in build.query(
        "select metric, relative_lift, baseline_users, baseline_sum, baseline_mean, new_users_per_week, "
        "users_per_variant, weeks_needed from marts.agg_experiment_power"
    ):
        outcomes = done[metric]
        found[metric, lift] = row
        wanted[metric, lift] = [len(outcomes), sum(outcomes), np.mean(outcomes), len(outcomes) / WEEKS]
        is_rate = oracle.METRICS[metric]
        assert abs(needed - oracle.users_needed(outcomes, lift, is_rate=is_rate)) <= (0 if is_rate else 1)
        assert weeks == pytest.approx(2 * needed / (len(outcomes) / WEEKS))
    assert len(wanted) == 3 * 6
    assert all(same(one, other) for key in wanted for one, other in zip(wanted[key], found[key], strict=True))


def test_the_planted_lift_lies_in_so_many_intervals_as_they_say(world_build):
    for estimate in ("", "stratified_", "cuped_"):
        [(holds, count)] = world_build.query(
            f"select count(*) filter ({LIFT} between {estimate}relative_low and {estimate}relative_high), "
            f"count({estimate}relative_low) from marts.agg_experiment_readout "
            "where metric = 'chat_initiation' and variant = 'new'"
        )
        assert count == EXPERIMENTS
        assert abs(holds / count - 0.95) <= 3 * sqrt(0.95 * 0.05 / count), (estimate, holds)
