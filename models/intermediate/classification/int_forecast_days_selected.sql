with

series as (

    select * from {{ ref('agg_daily_metrics') }}

),

last_days as (

    select
        metric,
        max(date) as last_date
    from series
    group by metric

),

numbered as (

    select {{ each_number('1', var('forecast_origins')) }} as origin_number

),

-- The last day, and earlier ones from which all days ahead are known by now.
origins as (

    select
        metric,
        last_date as origin_date,
        false as is_backtest
    from last_days

    union all

    select
        last_days.metric,
        last_days.last_date
        - cast({{ var('forecast_days') }} + (numbered.origin_number - 1) * {{ var('forecast_step_days') }} as int)
            as origin_date,
        true as is_backtest
    from last_days
    cross join numbered

),

known as (

    select
        origins.metric,
        origins.origin_date,
        origins.is_backtest,
        series.date,
        series.value,
        count(*) over (partition by origins.metric, origins.origin_date) as known_days
    from origins
    inner join series
        on
            origins.metric = series.metric
            and origins.origin_date >= series.date
            and origins.origin_date - {{ 7 * var('forecast_training_weeks') }} < series.date

)

select
    metric,
    origin_date,
    is_backtest,
    date,
    value,
    cast({{ var('forecast_days') }} as bigint) as days_ahead
from known
where known_days >= {{ 7 * var('forecast_min_weeks') }}
