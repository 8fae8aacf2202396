from science.tables import table_of

TYPES = {"experiment_name": "varchar", "users": "bigint", "chi_squared": "double", "p_value": "double"}


def model(dbt, session):
    variants = dbt.ref("int_experiment_variants_exposed").order("experiment_name, variant_number")

    def compute():
        from science import sample_ratios

        return sample_ratios.tested(variants.select("experiment_name, weight, exposed_users").fetchall())

    return table_of(dbt, session, TYPES, compute)
