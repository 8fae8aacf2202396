with

forecasts as (

    select * from {{ ref('int_days_forecasted') }}

),

known as (

    select * from {{ ref('int_forecast_days_selected') }}

),

scores as (

    select * from {{ ref('ml_forecast_scores') }}
    where
        first_day_ahead = 1
        and last_day_ahead = {{ var('forecast_days') }}

),

last_days as (

    select distinct
        metric,
        origin_date
    from known
    where not is_backtest

),

ahead as (

    select
        forecasts.*,
        coalesce(scores.beats_baseline, false) as beats_baseline
    from forecasts
    inner join last_days on forecasts.metric = last_days.metric and forecasts.origin_date = last_days.origin_date
    left join scores on forecasts.metric = scores.metric and forecasts.model = scores.model

),

-- What won before may have nothing to say now.
winners as (

    select
        metric,
        max(case when beats_baseline then model end) as model
    from ahead
    group by metric

)

select
    ahead.metric,
    ahead.origin_date + cast(ahead.days_ahead as int) as date,
    ahead.model,
    ahead.days_ahead,
    ahead.forecast,
    ahead.lower_80,
    ahead.upper_80,
    ahead.lower_95,
    ahead.upper_95,
    ahead.model = coalesce(winners.model, 'seasonal_naive') as is_preferred,
    ahead.origin_date
from ahead
inner join winners on ahead.metric = winners.metric
