"""The metric layer gives the numbers of the marts, which are made another way: its metrics read facts, never sums."""

import csv
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import PROJECT, SAMPLE, Build, environment
from test_engagement_marts import same

PERIODS = ("day", "week", "month")


@dataclass(frozen=True)
class Pair:
    """A question to the metric layer, and a query on the marts that answers it in columns of the same order.

    Cells of nothing but zeros are left out on both sides: the metric layer has no rows for most of what is not there.
    """

    metrics: tuple[str, ...]
    group_by: tuple[str, ...]
    query: str


def by_period(metrics: dict[str, str], mart: str, periods: tuple[str, ...]) -> list[Pair]:
    """Metrics, each with the mart's column, by each of some periods."""
    return [
        Pair(
            tuple(metrics),
            (f"metric_time__{period}",),
            f"select period_start, {', '.join(metrics.values())} from {mart} where period_grain = '{period}'",
        )
        for period in periods
    ]


def by_attribute(metrics: dict[str, str], mart: str, attributes: tuple[str, ...]) -> list[Pair]:
    """Metrics, each with the mart's column, by month and each of some attributes of the users."""
    return [
        Pair(
            tuple(metrics),
            ("metric_time__month", f"user__{attribute}"),
            f"select period_start, value, {', '.join(metrics.values())} from {mart}"
            f" where period_grain = 'month' and attribute = '{attribute}'",
        )
        for attribute in attributes
    ]


PROFILE = ("country_group", "device_type", "acquisition_channel", "acquisition_campaign", "gender")
CHATS = {
    f"{metric}_{days}d": f"{column}_{days}d"
    for days in (1, 7)
    for metric, column in {
        "chat_eligible_users": "eligible_users",
        "chat_initiated_users": "initiated_users",
        "chat_initiation_rate": "initiation_rate",
    }.items()
} | {"non_engaging_users": "non_engaging_users"}
CAMPAIGNS = {
    "registrations": "registrations",
    "chat_initiation_rate_7d": "chat_initiation_rate",
    "activation_eligible_users": "activation_eligible_users",
    "activation_rate": "activation_rate",
    "retention_eligible_users": "retention_eligible_users",
    "retention_rate": "retention_rate",
    "order_eligible_users": "order_eligible_users",
    "ordering_rate": "ordering_rate",
}
POINTS = {
    name: name for name in ("accrued_points", "redeemed_points", "expired_points", "adjusted_points", "overdrafts")
} | {
    "point_transactions": "transaction_count",
    "users_with_points": "users",
    "redemption_rate": "redemption_rate",
    "breakage_rate": "breakage_rate",
}
SCORES = {"moderated_sessions": "sessions", "engagement_score": "avg_score", "engagement_index": "avg_index"}

PAIRS = [
    *by_period({"active_users": "active_users"}, "marts.agg_active_users", PERIODS),
    *by_attribute({"active_users": "active_users"}, "marts.agg_activity_by_attribute", PROFILE),
    *by_period({"new_users": "new_users"}, "marts.agg_user_lifecycle", PERIODS),
    *by_attribute({"new_users": "new_users"}, "marts.agg_activity_by_attribute", PROFILE),
    *by_period({"registrations": "registrations"}, "marts.agg_active_users", PERIODS),
    Pair(
        ("active_users", "active_users_7d", "active_users_28d", "stickiness"),
        ("metric_time__day",),
        "select date, dau, active_7d, active_28d, stickiness from marts.agg_active_users_trailing",
    ),
    *[
        Pair(
            tuple(CHATS),
            (f"metric_time__{period}",),
            f"select period_start, {', '.join(CHATS.values())} from marts.agg_chat_initiation"
            f" where attribute = 'all' and period_grain = '{period}'",
        )
        for period in PERIODS
    ],
    *by_attribute(CHATS, "marts.agg_chat_initiation", PROFILE),
    Pair(
        tuple(CAMPAIGNS),
        ("user__acquisition_channel",),
        f"select acquisition_channel, {', '.join(CAMPAIGNS.values())} from marts.agg_campaign_effectiveness"
        " where acquisition_campaign = 'all'",
    ),
    Pair(
        tuple(CAMPAIGNS),
        ("user__acquisition_channel", "user__acquisition_campaign"),
        f"select acquisition_channel, acquisition_campaign, {', '.join(CAMPAIGNS.values())}"
        " from marts.agg_campaign_effectiveness where acquisition_campaign != 'all'",
    ),
    Pair(
        ("retention_eligible_users", "retained_users", "retention_rate"),
        ("metric_time__week",),
        "select cohort_start, eligible_users, retained_users, retention_rate from marts.agg_retention_cohorts"
        " where cohort_basis = 'creation' and cohort_grain = 'week' and retention_kind = 'on' and period_number = 4",
    ),
    *by_period(SCORES, "marts.agg_engagement_trends", ("week", "month")),
    Pair(
        ("moderated_sessions", "engagement_score"),
        ("moderated_session__recommendation_types",),
        "select recommendation_types, sessions, avg_score from marts.agg_recommendation_mixes",
    ),
    Pair(
        ("session_ctr",),
        ("moderated_session__feedback_rating", "moderated_session__ctr_basis"),
        "select feedback_rating, ctr_basis, avg_ctr from marts.agg_ctr_by_feedback_rating where ctr_basis != 'all'",
    ),
    *by_period(POINTS, "marts.agg_loyalty", ("day", "month")),
    # What is outstanding stays so on the days after the last that loyalty tells of.
    *[
        Pair(
            ("outstanding_points",),
            (f"metric_time__{period}",),
            f"select days.period_start, told.outstanding_points from (select distinct"
            f" date_trunc('{period}', calendar_day)::date as period_start from marts.time_spine) as days"
            f" asof join (select * from marts.agg_loyalty where period_grain = '{period}') as told"
            " on days.period_start >= told.period_start",
        )
        for period in ("day", "month")
    ],
    Pair(
        ("point_balance", "users", "orders", "order_value"),
        ("user__segment",),
        "select coalesce(segment, 'unknown'), sum(point_balance), count(*), sum(order_count), sum(order_value)"
        " from marts.dim_users group by all",
    ),
    Pair(
        ("ordering_users", "first_orders"),
        ("user__acquisition_channel",),
        "select coalesce(acquisition_channel, 'unknown'), count_if(order_count > 0), count_if(order_count > 0)"
        " from marts.dim_users group by all",
    ),
    Pair(
        ("sessions", "late_revised_sessions"),
        ("metric_time__day",),
        "select started_on, sum(sessions), sum(late_revised_sessions) from marts.agg_session_starts group by all",
    ),
    Pair(
        ("sessions",),
        ("metric_time__month", "event_session__is_first_session"),
        "with counted as (select date_trunc('month', started_on)::date as month, sum(first_sessions) as firsts,"
        " sum(sessions) as sessions from marts.agg_session_starts group by all)"
        " select month, true, firsts from counted union all select month, false, sessions - firsts from counted",
    ),
]  # fmt: skip


class Layer:
    """The metric layer over a build, in a folder that looks like the project and has the build's manifest."""

    def __init__(self, build: Build, folder: Path):
        self.build = build
        self.folder = folder
        for entry in PROJECT.iterdir():
            if entry.name not in ("target", "logs", "warehouse"):
                (folder / entry.name).symlink_to(entry)
        (folder / "target").symlink_to(build.home / "target")

    def run(self, command: list, given: str = "") -> str:
        # MetricFlow's own command asks the package index for a newer version of itself: here it reaches nobody.
        nobody = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
        done = subprocess.run(
            [str(word) for word in command],
            cwd=self.folder,
            env=environment(SAMPLE, self.build.home) | nobody,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module", params=["as it is", "Shanghai"])
def layer(request, sample_in, tmp_path_factory) -> Layer:
    build = sample_in(request.param).copy_to(tmp_path_factory.mktemp("layer") / "home")
    return Layer(build, tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def told(layer) -> dict:
    """What the metric layer says to every question."""
    questions = [[pair.metrics, pair.group_by] for pair in PAIRS]
    return json.loads(layer.run([sys.executable, Path(__file__).with_name("ask_metrics.py")], json.dumps(questions)))


def comparable(rows: list, pair: Pair) -> list:
    """Rows of plain values in an order of their own, without those that hold nothing but zeros."""
    width = len(pair.group_by)
    rows = [
        [value.isoformat() if hasattr(value, "isoformat") else value for value in row[:width]]
        + [None if value is None else float(value) for value in row[width:]]
        for row in rows
    ]
    return sorted((row for row in rows if any(row[width:])), key=lambda row: str(row[:width]))


@pytest.mark.parametrize(
    "place", range(len(PAIRS)), ids=[f"{p.metrics[0]} by {' and '.join(p.group_by)}" for p in PAIRS]
)
def test_metrics_are_the_numbers_of_the_marts(layer, told, place):
    pair = PAIRS[place]
    wanted = comparable(layer.build.query(pair.query), pair)
    found = comparable(told["answers"][place], pair)
    assert wanted
    assert [both for both in zip(wanted, found, strict=True) if not all(map(same, *both))] == []


def test_the_layer_is_valid(told):
    """MetricFlow finds nothing wrong; it warns of running sums alone, as it reads every one of dbt 1.11 so."""
    assert [
        issue for issue in told["issues"] if "should not have both a measure and a metric as inputs" not in issue
    ] == []


def test_every_metric_is_compared_or_an_addend(sample_build):
    manifest = json.loads((sample_build.home / "target" / "semantic_manifest.json").read_text(encoding="utf-8"))
    compared = {name for pair in PAIRS for name in pair.metrics}
    alone = {"session_events", "mean_session_seconds", "events_per_session", "moderated_minutes", "feedback_rating"}
    alone |= {
        "active_days",
        "messages_sent",
        "activated_users",
        "first_weeks_ordering_users",
        "orders_per_ordering_user",
    }
    assert {metric["name"] for metric in manifest["metrics"]} == compared | alone


def test_no_metric_reads_a_sum(sample_build):
    manifest = json.loads((sample_build.home / "target" / "semantic_manifest.json").read_text(encoding="utf-8"))
    read = {model["node_relation"]["alias"] for model in manifest["semantic_models"]}
    assert read and all(name.startswith(("fct_", "dim_")) for name in read)


def test_the_command_answers_a_saved_query(sample_build, tmp_path):
    """As a user types it, of the published file."""
    (tmp_path / "project").mkdir()
    layer = Layer(sample_build.copy_to(tmp_path / "home"), tmp_path / "project")
    layer.run([sys.executable, "scripts/publish.py"])
    mf = ["env", "DBT_TARGET=published", Path(sys.executable).with_name("mf")]
    layer.run([*mf, "query", "--saved-query", "growth_by_week", "--csv", tmp_path / "growth.csv"])
    with (tmp_path / "growth.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    told = {row["metric_time__week"][:10]: int(row["active_users"]) for row in rows}
    marts = "select period_start, active_users from marts.agg_active_users where period_grain = 'week'"
    wanted = {week.isoformat(): users for week, users in layer.build.query(marts)}
    assert {week: users for week, users in told.items() if users} == {
        week: users for week, users in wanted.items() if users
    }
