"""The ad-hoc questions in analyses/ are answered on the sample's marts."""

from datetime import timedelta

import pytest
from conftest import PROJECT, SAMPLE, run_dbt

ANALYSES = sorted(path.stem for path in (PROJECT / "analyses").glob("*.sql"))


@pytest.fixture(scope="module")
def compiled(sample_build, tmp_path_factory):
    """Where dbt put the analyses' plain SQL."""
    home = sample_build.copy_to(tmp_path_factory.mktemp("analyses") / "home").home
    done = run_dbt(SAMPLE, home, "--quiet", "compile", "--select", "resource_type:analysis")
    assert done.status == 0, done.output
    return home / "target" / "compiled" / "engagement" / "analyses"


@pytest.mark.parametrize("analysis", ANALYSES)
def test_analysis_has_an_answer(sample_build, compiled, analysis):
    assert sample_build.query((compiled / f"{analysis}.sql").read_text()) != []


def test_the_best_moderator_leads_the_list(sample_build, compiled):
    rows = sample_build.query((compiled / "top_moderators.sql").read_text())
    [(best,)] = sample_build.query("select max(moderator_performance_index) from marts.fct_moderator_performance")
    assert len(rows) == 20
    assert rows[0][1] == 1
    assert rows[0][3] == round(best, 1)
    assert [row[1] for row in rows] == sorted(row[1] for row in rows)


def test_a_week_dips_against_the_four_before_it(sample_build, compiled):
    """A dip is measured against the four weeks before, here computed in Python."""
    weeks = sample_build.query(
        "select period_start, median_score from marts.agg_engagement_trends "
        "where period_grain = 'week' order by period_start"
    )
    dips = []
    for place, (start, score) in enumerate(weeks):
        before = sorted(value for _, value in weeks[max(0, place - 4) : place])
        if before:
            middle = (before[(len(before) - 1) // 2] + before[len(before) // 2]) / 2
            if score < 0.9 * middle:
                dips.append(start)
    assert [row[0] for row in sample_build.query((compiled / "weeks_that_dip.sql").read_text())] == dips


def test_publish_attempts_come_within_the_time_they_are_said_to(sample_build, compiled):
    """Counted in Python, from who did what in the funnel."""
    users = sample_build.query(
        "select scope, is_converted, furthest_step_at - entered_at from marts.fct_funnel_users "
        "where funnel_name = 'onboarding_straight_to_publish' and is_complete and not is_excluded"
    )
    limits = {"10 minutes": 10, "an hour": 60, "a day": 1440, "a week": 10080, "the window": 30 * 1440}
    found = sample_build.query((compiled / "publish_attempts_by_time_since_onboarding.sql").read_text())
    expected = []
    for scope in ("all_sessions", "first_session"):
        waits = [(wait, converted) for of_scope, converted, wait in users if of_scope == scope]
        for limit, minutes in limits.items():
            soon = sum(converted and wait <= timedelta(minutes=minutes) for wait, converted in waits)
            expected.append((scope, limit, len(waits), soon, pytest.approx(100 * soon / len(waits), abs=0.05)))
    assert found == expected


def test_those_without_an_order_next_week_are_counted_with_their_probabilities(sample_build, compiled):
    """Added up in Python; who ordered in the five weeks before is told from the orders themselves."""
    rows = sample_build.query(
        "select user_id, prediction, cutoff_at from marts.ml_predictions where target = 'no_order_next_week'"
    )
    cutoff = rows[0][2]
    ordering = {
        user
        for user, at in sample_build.query("select user_id, ordered_at from staging.stg_platform__orders")
        if cutoff - timedelta(weeks=5) <= at < cutoff
    }
    expected = []
    for is_ordering in (True, False):
        chances = [chance for user, chance, _ in rows if (user in ordering) is is_ordering]
        spread = 1.96 * sum(chance * (1 - chance) for chance in chances) ** 0.5
        expected.append((len(chances), pytest.approx(sum(chances), abs=0.06), pytest.approx(spread, abs=0.06)))
    found = sample_build.query((compiled / "how_many_order_nothing_next_week.sql").read_text())
    assert [row[2:5] for row in found] == expected


def test_who_is_to_be_mailed_first_has_most_to_lose(sample_build, compiled):
    found = sample_build.query((compiled / "whom_to_email.sql").read_text())
    users = sample_build.query(
        "select probability_dead * order_count_28d / 4, user_id from marts.dim_users"
        " where probability_dead is not null and order_count_28d > 0"
    )
    expected = sorted(users, key=lambda row: (-row[0], row[1]))[:25]
    assert [row[:2] for row in found] == [(user, pytest.approx(risk, abs=6e-4)) for risk, user in expected]
