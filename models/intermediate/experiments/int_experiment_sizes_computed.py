from science.tables import table_of

TYPES = {"metric": "varchar", "relative_lift": "double", "users_per_variant": "bigint"}


def model(dbt, session):
    lifts = dbt.ref("int_experiment_lifts_proposed").order("metric, relative_lift")

    def compute():
        from science import readouts

        return readouts.users_needed(lifts.fetchnumpy())

    return table_of(dbt, session, TYPES, compute)
