"""The ad-hoc questions in analyses/ are answered on the sample's marts."""

import pytest
from conftest import PROJECT, SAMPLE, run_dbt

ANALYSES = sorted(path.stem for path in (PROJECT / "analyses").glob("*.sql"))


@pytest.fixture(scope="module")
def compiled(sample_build):
    """Where dbt put the analyses' plain SQL."""
    done = run_dbt(SAMPLE, sample_build.home, "--quiet", "compile", "--select", "resource_type:analysis")
    assert done.status == 0, done.output
    return sample_build.home / "target" / "compiled" / "engagement" / "analyses"


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
