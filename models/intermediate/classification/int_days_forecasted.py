from science.tables import table_of

TYPES = {
    "metric": "varchar",
    "model": "varchar",
    "origin_date": "date",
    "days_ahead": "bigint",
    "forecast": "double",
    "lower_80": "double",
    "upper_80": "double",
    "lower_95": "double",
    "upper_95": "double",
}


def model(dbt, session):
    known = dbt.ref("int_forecast_days_selected").order("metric, origin_date, date")

    def compute():
        from science import forecasts

        return forecasts.forecasted(known.select("metric, origin_date, days_ahead, value").fetchall())

    return table_of(dbt, session, TYPES, compute)
