from science.tables import table_of

ESTIMATE = ("absolute", "absolute_low", "absolute_high", "relative", "relative_low", "relative_high", "p_value")
TYPES = (
    {"experiment_name": "varchar", "metric": "varchar", "variant": "varchar", "test": "varchar"}
    | {name: "double" for name in (*ESTIMATE, "q_value")}
    | {f"stratified_{name}": "double" for name in ESTIMATE}
    | {"stratified_users": "bigint"}
    | {f"cuped_{name}": "double" for name in (*ESTIMATE, "variance_reduction")}
)


def model(dbt, session):
    cells = dbt.ref("int_experiment_moments_summed").order("experiment_name, metric, stratum, variant")

    def compute():
        from science import readouts

        return readouts.read_out(cells.fetchnumpy())

    return table_of(dbt, session, TYPES, compute)
