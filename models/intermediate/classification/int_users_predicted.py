from science.tables import chunks_of, columns_of, table_of

TYPES = {
    "user_id": "varchar",
    "cutoff_at": "timestamp",
    "target": "varchar",
    "prediction": "double",
    "model": "varchar",
    "is_baseline": "boolean",
    "learned_users": "bigint",
}
# Of 2,048 rows each: what is in memory at once.
VECTORS_AT_ONCE = 50


def model(dbt, session):
    examples = dbt.ref("int_examples_prepared")
    scores = dbt.ref("int_models_scored").filter("is_chosen")
    dead_after_weeks = dbt.config.meta_get("dead_after_weeks")

    def compute():
        from science import predictions

        chosen = dict(scores.select("target, model").distinct().fetchall())
        learned = columns_of(
            examples.filter("next_week_split is not null or dead_split is not null or is_dead is not null").order(
                "user_id, cutoff_at"
            )
        )
        newest = chunks_of(examples.filter("is_newest").order("user_id"), VECTORS_AT_ONCE)
        return predictions.predicted(learned, newest, chosen, int(dead_after_weeks))

    return table_of(dbt, session, TYPES, compute)
