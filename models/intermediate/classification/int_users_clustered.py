from science.tables import table_of

TYPES = {
    "subject": "varchar",
    "user_id": "varchar",
    "algorithm": "varchar",
    "cluster": "bigint",
    "score": "double",
    "is_fitted": "boolean",
    "projection_x": "double",
    "projection_y": "double",
}


def model(dbt, session):
    measured = {"users": dbt.ref("int_users_measured"), "first_sessions": dbt.ref("int_first_sessions_measured")}
    features = dbt.ref("cluster_features").order("feature").select("subject, feature, scale")
    chosen = dbt.ref("int_clusterings_compared").filter("is_chosen").select("subject, algorithm, setting")
    rules = dbt.config.meta_get("rules")

    def compute():
        from science import clusters

        return clusters.assigned_by_subject(measured, features.fetchall(), chosen.fetchall(), clusters.Rules(**rules))

    return table_of(dbt, session, TYPES, compute)
