from science.tables import table_of

TYPES = {"attribute": "varchar", "attribute_value": "varchar", "p_value": "double", "q_value": "double"}


def model(dbt, session):
    counts = dbt.ref("int_driver_values_counted").filter("test is not null").order("attribute, attribute_value")
    numbers = dbt.ref("int_driver_numbers_ranked").filter("test is not null").order("attribute")

    def compute():
        from science import drivers

        columns = "attribute, attribute_value, test, chi_squared, users, engaged_users, all_users, all_engaged"
        return drivers.tested(counts.select(columns).fetchall(), numbers.select("attribute, z").fetchall())

    return table_of(dbt, session, TYPES, compute)
