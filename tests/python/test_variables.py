"""Every variable may be changed: the build passes, and the variable does what its comment says."""

import json

import pytest
import yaml
from conftest import PROJECT, SAMPLE, run_dbt

OTHER_VALUES = {
    "reporting_timezone": "Asia/Shanghai",
    "valid_time_from": "2010-01-01",
    "valid_time_before": "2090-01-01",
    "clock_skew_minutes": 10,
    "greatest_number": 1000000,
    "max_rejected_share": 0.25,
    "driver_max_q": 0.5,
    "chi_squared_from": 10,
    "min_stratum_size": 50,
    "sample_ratio_alarm": 0.01,
    "forecast_days": 10,
    "forecast_training_weeks": 20,
    "forecast_min_weeks": 6,
    "forecast_origins": 3,
    "forecast_step_days": 5,
    "cluster_max_users": 120,
    "cluster_min_users": 60,
    "cluster_min_share": 0.05,
    "cluster_max_k": 6,
    "cluster_resamples": 5,
    "cluster_tail_share": 0.02,
    "cluster_max_deviations": 2.5,
    "cluster_seed": 7,
    "cluster_min_silhouette": 0.1,
    "cluster_min_gain": 0.01,
    "cluster_min_stability": 0.5,
    "cluster_min_difference": 0.25,
    "feature_cutoffs": 15,
    "learning_users": 300,
    "dead_after_weeks": 3,
    "test_cutoffs": 3,
    "score_resamples": 50,
    "calibration_bins": 5,
    "forest_rows": 500,
    "engagement_score_band_width": 2.5,
    "ctr_bin_width": 0.1,
    "session_gap_minutes": 45,
    "session_gap_inclusive": True,
    "session_max_hours": 6,
    "spark_user_buckets": 7,
    "as_of": "2025-11-30 12:00:00",
    "observed_from": "2025-02-10 12:00:00",
    "milestones_are_events": False,
    "side_effect_seconds": 3,
    "onboarding_new_clients_from": "2025-03-01",
    "activation_milestone": "ig_flow_published",
    "activation_contact_event": "block_added",
    "activation_contacts": 2,
    "activation_days": 3,
    "trial_event": "pricing_opened",
    "min_segment_size": 5,
    "typical_event_min_share": 0.3,
    "interview_candidates": 3,
    "funnel_max_steps": 6,
    "step_matrix_steps": 4,
    "message_event": "app_open",
    "retention_periods": {"day": 14, "week": 4, "month": 2},
    "one_and_done_periods": {"day": 3, "week": 2, "month": 1},
    "known_genders": ["female", "male"],
    "earliest_birth_date": "1920-01-01",
    "campaign_retention_week": 2,
    "campaign_order_days": 14,
    "experiment_outcome_days": 3,
    "experiment_alpha": 0.1,
    "experiment_power_lifts": [0.3, 0.03],
    "experiment_power": 0.9,
    "experiment_power_weeks": 4,
}
HEADER = "moderator_id,chat_sessions_moderated,avg_response_time,user_satisfaction_score\n"


def test_the_build_passes_whatever_the_variables(tmp_path_factory):
    declared = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
    assert OTHER_VALUES.keys() == declared.keys()
    assert all(OTHER_VALUES[name] != value for name, value in declared.items())
    done = run_dbt(SAMPLE, tmp_path_factory.mktemp("vars"), "build", "--vars", json.dumps(OTHER_VALUES))
    assert done.status == 0, done.output
    assert done.query("select distinct band_end - band_start from marts.agg_engagement_score_bands") == [(2.5,)]
    assert done.query("select sum(sessions) from marts.agg_ctr_histogram") == done.query(
        "select count(per_session_ctr) from marts.fct_activity_sessions"
    )
    assert done.query("select is_publishable from raw.build_state") == [(True,)]


@pytest.mark.parametrize(("bad_rows", "status"), [(5, 0), (6, 1)])
def test_exactly_the_greatest_share_of_rejected_rows_passes(tmp_path, bad_rows, status):
    raw = tmp_path / "feeds"
    raw.mkdir()
    rows = [f"{number},10,5,{9 if number < bad_rows else 3}" for number in range(100)]
    (raw / "moderator_performance.csv").write_text(HEADER + "\n".join(rows))
    done = run_dbt(raw, tmp_path / "home", "build", "--select", "+feed_reconciliation", "--exclude", "test_type:unit")
    assert done.status == status, done.output
    if status:
        assert (
            "Feed moderator_performance: 6 of 100 rows are rejected, more than max_rejected_share (0.05) allows: "
            "user_satisfaction_score: out_of_range (6)."
        ) in done.output


@pytest.mark.parametrize(
    ("table", "changed"),
    [
        ("marts.fct_sessions", {"session_gap_minutes": 45, "session_max_hours": 6}),
        ("intermediate.int_user_days", {"reporting_timezone": "Asia/Shanghai"}),
        ("intermediate.int_user_days", {"message_event": "app_open"}),
    ],
)
def test_other_rules_rebuild_what_was_built_by_the_old_ones(table, changed, tmp_path):
    """Without a full refresh, and as a full refresh would."""

    def rows(*arguments: str) -> list[tuple]:
        select = ["--select", f"+{table.split('.')[1]}", "--exclude-resource-type", "test", "unit_test"]
        done = run_dbt(SAMPLE, tmp_path, "build", *select, *arguments)
        assert done.status == 0, done.output
        return done.query(f"from {table} order by all")

    other_rules = ["--vars", json.dumps(changed)]
    by_old_rules = rows()
    by_new_rules = rows(*other_rules)
    assert by_new_rules != by_old_rules
    assert by_new_rules == rows(*other_rules, "--full-refresh")
