from science.tables import columns_of, table_of

TYPES = {
    "part": "varchar",
    "target": "varchar",
    "model": "varchar",
    "split": "varchar",
    "metric": "varchar",
    "bin": "bigint",
    "examples": "bigint",
    "users": "bigint",
    "value": "double",
    "ci_low": "double",
    "ci_high": "double",
    "baseline": "varchar",
    "gain": "double",
    "gain_low": "double",
    "gain_high": "double",
    "beats_baseline": "boolean",
    "is_chosen": "boolean",
    "mean_prediction": "double",
    "observed": "double",
}


def model(dbt, session):
    examples = dbt.ref("int_examples_prepared").filter("next_week_split is not null or dead_split is not null")
    dead_after_weeks = dbt.config.meta_get("dead_after_weeks")
    resamples = dbt.config.meta_get("score_resamples")
    bins = dbt.config.meta_get("calibration_bins")

    def compute():
        from science import predictions

        columns = columns_of(examples.order("user_id, cutoff_at"))
        return predictions.scored(columns, int(dead_after_weeks), int(resamples), int(bins))

    return table_of(dbt, session, TYPES, compute)
