from science.tables import columns_of, table_of

TYPES = {
    "target": "varchar",
    "feature": "varchar",
    "method": "varchar",
    "importance": "double",
    "standard_error": "double",
    "p_value": "double",
    "examples": "bigint",
    "users": "bigint",
}


def model(dbt, session):
    examples = dbt.ref("int_examples_prepared").filter("orders_next_week is not null or is_dead is not null")
    forest_rows = dbt.config.meta_get("forest_rows")

    def compute():
        from science import importance

        return importance.weighed(columns_of(examples.order("user_id, cutoff_at")), int(forest_rows))

    return table_of(dbt, session, TYPES, compute)
