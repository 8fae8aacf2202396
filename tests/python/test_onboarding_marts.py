"""Every value of every onboarding mart, against a computation that shares nothing with the models."""

import csv
import datetime as dt
import json
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from conftest import PROJECT, SAMPLE, Build, run_dbt
from oracle import onboarding as oracle
from oracle.engagement import parse_moment

SEGMENT_RULES = PROJECT / "seeds" / "reference" / "first_session_segments.csv"
TAXONOMY = PROJECT / "seeds" / "reference" / "event_taxonomy.csv"
VARIABLES = yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8"))["vars"]
RELATIVE = 1e-9  # how far two doubles may lie apart; everything else must be equal
SHOWN = 5
NOTHING_BUT_MODELS = ["--exclude-resource-type", "test", "unit_test"]


# --- both sides ------------------------------------------------------------------------------


def settings(**changed) -> oracle.Settings:
    """The project's variables, some of them changed."""
    has = VARIABLES | changed
    return oracle.Settings(
        new_clients_from=dt.datetime.fromisoformat(has["onboarding_new_clients_from"]),
        activation_days=has["activation_days"],
        activation_contacts=has["activation_contacts"],
        trial_event=has["trial_event"],
        min_segment_size=has["min_segment_size"],
        typical_event_min_share=Fraction(str(has["typical_event_min_share"])),
        interview_candidates=has["interview_candidates"],
        milestones_are_events=has["milestones_are_events"],
    )


def world_of(build: Build, raw_dir: Path = SAMPLE, **changed) -> oracle.World:
    """What the files say that a build has read."""
    return oracle.read_world(raw_dir, build.home / "raw" / "files.json", TAXONOMY, settings(**changed))


@pytest.fixture(scope="module")
def world(sample_build) -> oracle.World:
    return world_of(sample_build)


# --- comparing -------------------------------------------------------------------------------


def same(expected, found) -> bool:
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, float) or isinstance(found, float):
        if expected is None or found is None:
            return expected is found
        return math.isclose(expected, found, rel_tol=RELATIVE, abs_tol=RELATIVE)
    return expected == found


def compare(build: Build, mart: str, expected: Iterable[dict], key: str, columns: list[str] | None = None) -> None:
    """Fails where a mart has other rows than expected, and shows the first that differ."""
    expected = list(expected)
    keys = key.split()
    columns = columns or list(expected[0])
    found = [
        dict(zip(columns, row, strict=True)) for row in build.query(f"select {', '.join(columns)} from marts.{mart}")
    ]

    def by_key(rows: list[dict]) -> dict[tuple, dict]:
        named = {tuple(row[name] for name in keys): row for row in rows}
        repeated = [name for name, n in Counter(tuple(row[name] for name in keys) for row in rows).items() if n > 1]
        assert not repeated, f"marts.{mart}: {key} is no key: {repeated[:SHOWN]}"
        return named

    wanted, has = by_key(expected), by_key(found)
    wrong = {
        name: {
            column: f"{has[name][column]!r} instead of {wanted[name][column]!r}"
            for column in columns
            if not same(wanted[name][column], has[name][column])
        }
        for name in wanted.keys() & has.keys()
    }
    wrong = {name: values for name, values in wrong.items() if values}
    lines = []
    for title, rows in (
        ("missing", {name: wanted[name] for name in wanted.keys() - has.keys()}),
        ("unexpected", {name: has[name] for name in has.keys() - wanted.keys()}),
        ("different", wrong),
    ):
        first = sorted(rows.items(), key=lambda item: [str(part) for part in item[0]])[:SHOWN]
        if rows:
            lines += [f"{len(rows)} {title}, such as", *(f"  {name}: {row}" for name, row in first)]
    if lines:
        pytest.fail("\n".join([f"marts.{mart}: {len(wanted)} rows expected, {len(has)} found", *lines]), pytrace=False)


# --- milestones and activation of the sample ---------------------------------------------------


def test_fct_milestones(sample_build, world):
    compare(sample_build, "fct_milestones", oracle.fct_milestones(world), "milestone entity_id")


def test_dim_accounts(sample_build, world):
    compare(sample_build, "dim_accounts", oracle.dim_accounts(world), "account_id")


def test_fct_activations(sample_build, world):
    compare(sample_build, "fct_activations", oracle.fct_activations(world), "account_id")


def test_agg_activations_by_session(sample_build, world):
    compare(
        sample_build,
        "agg_activations_by_session",
        oracle.agg_activations_by_session(world),
        "session_reading device_type session_number",
    )


def test_agg_milestone_lags(sample_build, world):
    compare(sample_build, "agg_milestone_lags", oracle.agg_milestone_lags(world), "milestone event_name")


# --- first sessions of the sample --------------------------------------------------------------


@pytest.fixture(scope="module")
def first_sessions(world) -> list[oracle.FirstSession]:
    return oracle.first_sessions(world, oracle.read_segment_rules(SEGMENT_RULES))


def test_fct_first_sessions(sample_build, first_sessions):
    compare(sample_build, "fct_first_sessions", oracle.fct_first_sessions(first_sessions), "user_id")


def test_agg_segment_profiles(sample_build, world, first_sessions):
    expected = oracle.agg_segment_profiles(first_sessions, world.settings)
    compare(sample_build, "agg_segment_profiles", expected, "segment device_type")


def test_agg_segment_priorities(sample_build, world, first_sessions):
    expected = oracle.agg_segment_priorities(first_sessions, world.settings)
    compare(sample_build, "agg_segment_priorities", expected, "segment")
    told = dict(sample_build.query("select segment, sentence from marts.agg_segment_priorities"))
    for row in expected:
        sizes = [
            f"{row['users']} of {len(first_sessions)} ",
            f"{row['activated_in_first_session']} of {row['complete_users']} ",
        ]
        assert all(size in told[row["segment"]] for size in sizes), told[row["segment"]]


def test_fct_interview_candidates(sample_build, world, first_sessions):
    expected = oracle.fct_interview_candidates(first_sessions, world.settings)
    compare(sample_build, "fct_interview_candidates", expected, "segment reason rank")


# --- a later export ----------------------------------------------------------------------------

EXPORTED = dt.datetime(2025, 9, 1)  # the first export knows what happened before
OVERLAP = dt.timedelta(days=75)  # ... and the second begins so much earlier
DATES = [column for column, (kind, *_) in oracle.FEEDS["onboarding_events"].items() if kind == "moment"][1:]


def moment(text: str) -> dt.datetime | None:
    return parse_moment(text.strip(), oracle.EARLIEST, oracle.END, oracle.END)[0]


def two_exports() -> tuple[list[str], list[list[dict]]]:
    """The sample's export as two that overlap. The second moves some activations and has lost some payments."""
    with (SAMPLE / "onboarding_events.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = [row for row in reader if row["ltv_predicted"] is not None and None not in row]
    rows = [row for row in rows if row["client_id"] and moment(row["event_dttm"]) is not None]
    known, later = [], []
    for row in rows:
        at = moment(row["event_dttm"])
        if at < EXPORTED:
            known.append(row | {c: "" for c in DATES if row[c] and moment(row[c]) >= EXPORTED})
        if at >= EXPORTED - OVERLAP:
            changed = dict(row)
            if row["ig_activation_dttm"] and int(row["account_id"]) % 2:
                changed["ig_activation_dttm"] = str(moment(row["ig_activation_dttm"]) + dt.timedelta(hours=26))
            if row["paid_dttm"] and int(row["account_id"]) % 2:
                changed["paid_dttm"] = ""
            later.append(changed)
    return reader.fieldnames, [known, later]


def write_export(folder: Path, name: str, columns: list[str], rows: list[dict]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_a_later_export_moves_milestones(tmp_path):
    """Incrementally, and as a full refresh would."""
    raw, home = tmp_path / "feeds", tmp_path / "home"
    columns, exports = two_exports()
    arguments = ["build", "--select", "+fct_milestones", "+agg_activations_by_session", *NOTHING_BUT_MODELS]
    before = None
    for number, (rows, *full_refresh) in enumerate([(exports[0],), (exports[1],), (None, "--full-refresh")]):
        if rows:
            write_export(raw / "onboarding_events", f"export-{number}.csv", columns, rows)
        done = run_dbt(raw, home, *arguments, *full_refresh)
        assert done.status == 0, done.output
        world = world_of(done, raw)
        milestones = oracle.fct_milestones(world)
        compare(done, "fct_milestones", milestones, "milestone entity_id")
        compare(done, "fct_activations", oracle.fct_activations(world), "account_id")
        reached = {(row["milestone"], row["entity_id"]): row["reached_at"] for row in milestones}
        if number == 1:
            moved = [key for key, at in before.items() if reached[key] != at]
            assert len(moved) >= 3, "a test of moved milestones in which none moves"
        before = reached


# --- other rules -------------------------------------------------------------------------------


def test_activation_by_contacts_and_sessions_without_milestones(tmp_path):
    changed = {"activation_contacts": 2, "activation_days": 10, "milestones_are_events": False}
    select = ["--select", "+agg_activations_by_session", "+fct_milestones", "+agg_segment_profiles"]
    done = run_dbt(SAMPLE, tmp_path, "build", *select, *NOTHING_BUT_MODELS, "--vars", json.dumps(changed))
    assert done.status == 0, done.output
    world = world_of(done, **changed)
    by_contacts = oracle.fct_activations(world)
    by_first_contact = oracle.fct_activations(replace(world, settings=replace(world.settings, activation_contacts=1)))
    assert by_contacts != by_first_contact
    compare(done, "fct_activations", by_contacts, "account_id")
    compare(
        done,
        "agg_activations_by_session",
        oracle.agg_activations_by_session(world),
        "session_reading device_type session_number",
    )
    compare(done, "fct_milestones", oracle.fct_milestones(world), "milestone entity_id")
    first_sessions = oracle.first_sessions(world, oracle.read_segment_rules(SEGMENT_RULES))
    compare(done, "fct_first_sessions", oracle.fct_first_sessions(first_sessions), "user_id")
    profiles = oracle.agg_segment_profiles(first_sessions, world.settings)
    compare(done, "agg_segment_profiles", profiles, "segment device_type")


# --- the comparison itself ---------------------------------------------------------------------


@dataclass
class Told:
    """A build that answers with these rows, whatever the query."""

    rows: list[tuple]

    def query(self, _sql: str) -> list[tuple]:
        return self.rows


WANTED = [{"id": "a", "rate": 0.5, "is_on": True}, {"id": "b", "rate": None, "is_on": False}]


def test_equal_rows_pass_in_any_order():
    compare(Told([("b", None, False), ("a", 0.5 + 1e-12, True)]), "mart", WANTED, "id")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("a", 0.5, True)], "1 missing"),
        ([("a", 0.5, True), ("b", None, False), ("c", 0.1, True)], "1 unexpected"),
        ([("a", 0.5001, True), ("b", None, False)], "rate"),
        ([("a", 0.5, True), ("b", 0.0, False)], "instead of None"),
        ([("a", 0.5, 1), ("b", None, False)], "is_on"),
    ],
)
def test_other_rows_fail_and_are_shown(rows, said):
    with pytest.raises(pytest.fail.Exception, match=said):
        compare(Told(rows), "mart", WANTED, "id")
