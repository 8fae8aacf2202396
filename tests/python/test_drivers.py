"""What drives newcomers to chat: against scipy's tests of users one by one, published examples, planted truth."""

import csv
import random
from datetime import datetime, timedelta
from math import sqrt
from pathlib import Path

import pytest
from conftest import LIVES, PLACES, run_dbt
from oracle import drivers as oracle
from oracle.activity import age
from oracle.newcomers import values_of
from scipy.stats import false_discovery_control
from tables import assert_alike
from test_activity_marts import read_bands
from test_newcomers_marts import Place

from science.drivers import p_of_counts, p_of_ranks


@pytest.mark.parametrize("where", [*PLACES, *LIVES])
def test_every_driver(where, build_in):
    place = Place(build_in(where), (PLACES | LIVES)[where], where in LIVES)
    profiles, bands = place.world.profiles, read_bands()
    income = dict(place.build.query("select user_id, income_band from staging.stg_platform__users"))
    newcomers = []
    for row in place.engagement:
        if not row.is_complete_7d:
            continue
        profile = profiles[row.user_id]
        says = values_of(profile, row.created_on, bands) | {"income_band": income[row.user_id] or "unknown"}
        del says["all"]
        newcomers.append(
            oracle.Newcomer(
                row.initiated_within_7d, says, age(profile.birth_date, row.created_on) if profile.birth_date else None
            )
        )
    assert 0 < len(newcomers) < len(place.engagement)
    wanted = oracle.drivers(newcomers)
    found = place.rows("marts.agg_non_engagement_drivers", oracle.Driver)
    assert_alike(wanted, found)
    tested = {(row.attribute, row.value): row.p_value for row in wanted if row.p_value is not None}
    q_of = dict(zip(tested, oracle.q_values(list(tested.values())), strict=True))
    for attribute, value, q in place.build.query(
        "select attribute, value, q_value from marts.agg_non_engagement_drivers"
    ):
        assert q == pytest.approx(q_of.get((attribute, value)), rel=1e-9)
    if where == "as it is":
        assert {row.test for row in wanted} >= {"chi_squared", "fisher_exact", "mann_whitney"}


def test_what_the_sample_world_planted_is_named_first(sample_build):
    """Who begins to chat is younger, seldom of social and often of referral; the rest of a profile says little."""
    told = sample_build.query(
        "select attribute, value, lift, effect_size, strength_rank from marts.agg_non_engagement_drivers"
        " where is_driver"
    )
    drivers = {(attribute, value): (lift, effect) for attribute, value, lift, effect, _ in told}
    first = {rank: (attribute, value) for attribute, value, _, _, rank in told if rank}
    assert {first[1], first[2]} == {("age", None), ("acquisition_channel", "social")}
    assert first[3][0] in ("age_band", "acquisition_channel")
    assert drivers["acquisition_channel", "social"][0] < 0.5 and drivers["acquisition_channel", "referral"][0] > 1.5
    assert drivers["age", None][1] < -0.3
    assert not {attribute for attribute, _ in drivers} & {"gender", "income_band", "country_group"}


def test_the_physicians_and_their_aspirin():
    """Heart attacks, 189 of 11,034 with a placebo and 104 of 11,037 with aspirin: X² = 25.01.

    Agresti, Categorical Data Analysis, 2nd ed., 3.2; p < 0.0001.
    """
    chi_squared = 22071 * (189 * 22071 - 11034 * 293) ** 2 / (11034 * 11037 * 293 * (22071 - 293))
    assert round(chi_squared, 2) == 25.01
    p = p_of_counts("chi_squared", chi_squared, 11034, 189, 22071, 293)
    assert p == pytest.approx(5.69e-7, rel=0.01)


def test_the_lady_and_her_tea():
    """Three of four cups told right: two-sided p = 0.486 (Agresti, Categorical Data Analysis, 2nd ed., 3.5.2)."""
    assert p_of_counts("fisher_exact", None, 4, 3, 8, 4) == pytest.approx(0.486, abs=5e-4)


def test_the_energy_that_women_spend():
    """p = 0.002122 by Dalgaard, Introductory Statistics with R, 2nd ed., 5.5: ties and continuity allowed for.

    The z is what the unit test of int_driver_numbers_ranked makes of his data.
    """
    assert p_of_ranks(3.072658) == pytest.approx(0.002122, abs=5e-7)


def test_benjamini_and_hochbergs_own_example():
    """Fifteen hypotheses of their paper (J. R. Stat. Soc. B 57, 1995, 3.2): four are rejected at 0.05."""
    p_values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    p_values += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
    q = false_discovery_control(p_values)
    assert list(q) == pytest.approx(oracle.q_values(p_values))
    assert sum(value <= 0.05 for value in q) == 4


USERS = 3_000
# By how much the chance of a chat is less for who is on a desktop, came by email, is 40 or older.
PLANTED = {"device_type": 0.15, "acquisition_channel": 0.10, "age": 0.10}
PROFILE_COLUMNS = ["user_id", "created_at", "gender", "birth_date", "income_band", "acquisition_channel"]
PROFILE_COLUMNS += ["acquisition_campaign", "country_group", "device_type", "user_level", "updated_at"]
EVENT_COLUMNS = ["event_id", "user_id", "event_name", "event_at", "device_type", "loaded_at"]


def write_world(folder: Path, seed: int) -> None:
    """Newcomers who chat or do not by device, channel and age, and by nothing else."""
    draw = random.Random(seed)
    (folder / "users").mkdir(parents=True)
    (folder / "chat_events").mkdir()
    begin = datetime(2025, 1, 1)
    with (
        (folder / "users" / "users.csv").open("w", newline="") as users_file,
        (folder / "chat_events" / "chat.csv").open("w", newline="") as events_file,
    ):
        users, events = csv.writer(users_file), csv.writer(events_file)
        users.writerow(PROFILE_COLUMNS)
        events.writerow(EVENT_COLUMNS)
        # The feed's first and last event, of somebody without a profile.
        for name, at in (("begin", begin), ("end", begin + timedelta(days=120))):
            events.writerow([name, "nobody", "chat_message_sent", at, "", ""])
        for number in range(USERS):
            created_at = begin + timedelta(minutes=draw.randrange(60 * 24 * 100))
            years = draw.randrange(18, 70)
            says = {
                "gender": draw.choice(["female", "male"]),
                "income_band": draw.choice(["low", "middle", "high"]),
                "acquisition_channel": draw.choice(["email", "search", "social"]),
                "acquisition_campaign": draw.choice([f"campaign_{i}" for i in range(12)]),
                "country_group": draw.choice(["tier1", "tier2"]),
                "device_type": draw.choice(["desktop", "mobile"]),
            }
            chance = 0.45 - PLANTED["device_type"] * (says["device_type"] == "desktop")
            chance -= PLANTED["acquisition_channel"] * (says["acquisition_channel"] == "email")
            chance -= PLANTED["age"] * (years >= 40)
            born = created_at - timedelta(days=years * 365.25 + 100)
            known = {"user_id": f"u{number}", "created_at": created_at, "birth_date": born.date(), "user_level": 1}
            row = says | known | {"updated_at": created_at}
            users.writerow([row[column] for column in PROFILE_COLUMNS])
            if draw.random() < chance:
                at = created_at + timedelta(minutes=draw.randrange(60 * 24 * 6))
                events.writerow([f"e{number}", f"u{number}", "chat_message_sent", at, "", ""])


@pytest.mark.parametrize("seed", [1, 2])
def test_what_was_planted_is_named_first(seed, tmp_path):
    write_world(tmp_path / "feeds", seed)
    done = run_dbt(
        tmp_path / "feeds",
        tmp_path / "home",
        "build",
        "--select",
        "+agg_non_engagement_drivers",
        "--exclude-resource-type",
        "test",
        "unit_test",
    )
    assert done.status == 0, done.output
    rows = done.query(
        "select attribute, sentence from marts.agg_non_engagement_drivers where strength_rank is not null "
        "order by strength_rank"
    )
    named = [attribute for attribute, _ in rows]
    assert named[0] == "device_type"
    # Of q-values up to 0.05 one in twenty may be chance: it comes after all that was planted.
    assert set(named[:3]) == {"device_type", "acquisition_channel", "age"}
    sentences = dict(rows)
    assert sentences["age"].startswith("The median age of those who begin no chat within 7 days is ")
    (effect, lift) = done.query(
        "select effect_size, lift from marts.agg_non_engagement_drivers where value = 'desktop'"
    )[0]
    # By the planted chances: one in three came by email, 30 of 52 years are 40 or more, half are on a desktop.
    on_mobile = 0.45 - PLANTED["acquisition_channel"] / 3 - PLANTED["age"] * 30 / 52
    usual = on_mobile - PLANTED["device_type"] / 2
    assert lift == pytest.approx((on_mobile - PLANTED["device_type"]) / usual, abs=0.08)
    assert effect == pytest.approx(PLANTED["device_type"] / 2 / sqrt(usual * (1 - usual)), abs=0.05)
