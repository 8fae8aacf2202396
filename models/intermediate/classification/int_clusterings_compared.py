from science.tables import table_of

TYPES = {
    "subject": "varchar",
    "algorithm": "varchar",
    "users": "bigint",
    "users_used": "bigint",
    "k": "bigint",
    "setting": "double",
    "silhouette": "double",
    "smallest_share": "double",
    "is_chosen": "boolean",
    "stability": "double",
    "silhouette_by_chance": "double",
}


def model(dbt, session):
    measured = {"users": dbt.ref("int_users_measured"), "first_sessions": dbt.ref("int_first_sessions_measured")}
    features = dbt.ref("cluster_features").order("feature").select("subject, feature, scale")
    rules = dbt.config.meta_get("rules")

    def compute():
        from science import clusters

        return clusters.compared_by_subject(measured, features.fetchall(), clusters.Rules(**rules))

    return table_of(dbt, session, TYPES, compute)
