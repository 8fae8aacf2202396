"""Every value of every mart of moderated sessions, against a computation that shares nothing with the models."""

import datetime as dt
import math
from decimal import Decimal

import pytest
from conftest import PROJECT, SAMPLE
from oracle.engagement import expected_marts

RELATIVE = 1e-9  # how far two doubles may lie apart; everything else must be equal

MARTS = [
    "fct_activity_sessions",
    "agg_engagement_trends",
    "agg_session_times",
    "agg_recommendation_types",
    "agg_recommendation_mixes",
    "agg_engagement_correlations",
    "agg_engagement_score_bands",
    "agg_ctr_by_feedback_rating",
    "agg_ctr_histogram",
    "fct_moderator_performance",
]


def plain(value):
    """A value as plain Python says it: None for any null, a float for any number, a datetime for any moment."""
    if value is None or value != value:
        return None
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime()
    if isinstance(value, bool | str | dt.date):
        return value
    if isinstance(value, Decimal):
        return value
    return value.item() if hasattr(value, "item") else value


def same(left, right) -> bool:
    if isinstance(left, float) or isinstance(right, float):
        if left is None or right is None:
            return left is right
        return math.isclose(left, right, rel_tol=RELATIVE, abs_tol=RELATIVE)
    return left == right


def differences(build, raw_dir, mart: str) -> list:
    """The rows of a mart that differ from what is expected, both sides of each."""
    expected = expected_marts(raw_dir)[mart]
    wanted = [[plain(value) for value in row] for row in expected.itertuples(index=False)]
    found = build.query(f"select {', '.join(expected.columns)} from marts.{mart}")

    def key(row):
        return [f"{value:.6f}" if isinstance(value, int | float | Decimal) else str(value) for value in row]

    pairs = zip(sorted(wanted, key=key), sorted(map(list, found), key=key), strict=True)
    return [pair for pair in pairs if not all(map(same, *pair))]


@pytest.mark.parametrize("mart", MARTS)
def test_mart_of_the_sample(sample_build, mart):
    assert differences(sample_build, SAMPLE, mart) == []


@pytest.mark.parametrize("mart", MARTS)
def test_mart_of_real_files(platform_build, platform_data, mart):
    assert differences(platform_build, platform_data, mart) == []


def test_real_files_are_accepted_whole(platform_build):
    assert platform_build.query("from quality.feed_reconciliation where is_present order by feed") == [
        ("moderator_performance", True, 100, 100, 0, 0),
        ("recommendations", True, 500, 500, 0, 0),
        ("user_activity", True, 1000, 1000, 0, 0),
    ]
    assert platform_build.query("select count(*) from marts.fct_activity_sessions where recommendation_count > 0") == [
        (394,)
    ]


def test_every_mart_of_moderated_sessions_is_compared():
    models = [*PROJECT.glob("models/marts/engagement/*.sql"), *PROJECT.glob("models/marts/moderation/*.sql")]
    assert sorted(path.stem for path in models) == sorted(MARTS)
