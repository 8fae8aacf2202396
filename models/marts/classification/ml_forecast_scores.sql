with

forecasts as (

    select * from {{ ref('int_days_forecasted') }}

),

known as (

    select * from {{ ref('int_forecast_days_selected') }}

),

series as (

    select * from {{ ref('agg_daily_metrics') }}

),

changes as (

    select
        metric,
        origin_date,
        abs(value - lag(value, 7) over (partition by metric, origin_date order by date)) as weekly_change
    from known
    where is_backtest

),

scales as (

    select
        metric,
        origin_date,
        avg(cast(weekly_change as double)) as usual_change
    from changes
    group by metric, origin_date

),

errors as (

    select
        forecasts.*,
        abs(forecasts.forecast - series.value) as error,
        abs(forecasts.forecast - series.value) / nullif(scales.usual_change, 0) as scaled_error,
        series.value between forecasts.lower_80 and forecasts.upper_80 as is_covered_80,
        series.value between forecasts.lower_95 and forecasts.upper_95 as is_covered_95
    from forecasts
    inner join series
        on
            forecasts.metric = series.metric
            and forecasts.origin_date + cast(forecasts.days_ahead as int) = series.date
    inner join scales on forecasts.metric = scales.metric and forecasts.origin_date = scales.origin_date

),

-- A model is compared with the baseline over the same days.
compared as (

    select
        errors.*,
        baseline.error as baseline_error
    from errors
    inner join errors as baseline
        on
            errors.metric = baseline.metric
            and errors.origin_date = baseline.origin_date
            and errors.days_ahead = baseline.days_ahead
    where baseline.model = 'seasonal_naive'

),

-- Week by week, and all days together.
spans as (

    select distinct
        7 * cast(floor((days_ahead - 1) / 7.0) as bigint) + 1 as first_day_ahead,
        least(7 * cast(floor((days_ahead - 1) / 7.0) as bigint) + 7, {{ var('forecast_days') }}) as last_day_ahead
    from compared

    union

    select
        1 as first_day_ahead,
        {{ var('forecast_days') }} as last_day_ahead

),

origins as (

    select
        compared.metric,
        compared.model,
        spans.first_day_ahead,
        spans.last_day_ahead,
        compared.origin_date,
        count(*) as days,
        cast(count_if(compared.is_covered_80) as bigint) as covered_days_80,
        cast(count_if(compared.is_covered_95) as bigint) as covered_days_95,
        avg(compared.error) as mae,
        avg(compared.baseline_error) as baseline_mae,
        avg(compared.scaled_error) as mase
    from compared
    inner join spans on compared.days_ahead between spans.first_day_ahead and spans.last_day_ahead
    group by compared.metric, compared.model, spans.first_day_ahead, spans.last_day_ahead, compared.origin_date

),

scores as (

    select
        metric,
        model,
        first_day_ahead,
        last_day_ahead,
        count(*) as origins,
        cast(count_if(mae < baseline_mae) as bigint) as origins_won,
        cast(sum(days) as bigint) as days,
        cast(sum(covered_days_80) as bigint) as covered_days_80,
        cast(sum(covered_days_95) as bigint) as covered_days_95,
        {{ mean('mae') }} as mae,
        {{ mean('baseline_mae') }} as baseline_mae,
        {{ mean('mase') }} as mase
    from origins
    group by metric, model, first_day_ahead, last_day_ahead

)

select
    metric,
    model,
    cast(first_day_ahead as bigint) as first_day_ahead,
    cast(last_day_ahead as bigint) as last_day_ahead,
    origins,
    days,
    mae,
    baseline_mae,
    mase,
    covered_days_80,
    covered_days_95,
    {{ ratio('covered_days_80', 'days') }} as coverage_80,
    {{ ratio('covered_days_95', 'days') }} as coverage_95,
    origins_won,
    case when model != 'seasonal_naive' then mae < baseline_mae and 2 * origins_won > origins end as beats_baseline
from scores
