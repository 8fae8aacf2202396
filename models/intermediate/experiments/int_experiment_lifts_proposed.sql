{% set days = var('experiment_outcome_days') %}
{% set weeks = var('experiment_power_weeks') %}

with

profiles as (

    select * from {{ ref('stg_platform__users') }}

),

measured as (

    select * from {{ ref('int_outcome_windows_measured') }}

),

-- The last of those whose time is over.
newcomers as (
    {% for metric in experiment_metrics() %}
    select
        '{{ metric.name }}' as metric,
        {{ metric.is_rate }} as is_rate,
        measured.{{ metric.name }} as outcome
    from profiles
    inner join measured on profiles.user_id = measured.user_id and profiles.created_at = measured.opened_at
    where
        measured.is_complete_{{ metric.name }}
        and {{ days_later('profiles.created_at', 7 * weeks + metric.windows * days) }} > {{ as_of(metric.subject) }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

summed as (

    select
        metric,
        is_rate,
        count(*) as users,
        sum(outcome) as outcome_sum,
        sum(outcome * outcome) as outcome_square_sum
    from newcomers
    group by metric, is_rate

),

lifts as (
    {% for lift in var('experiment_power_lifts') %}
    select cast({{ lift }} as double) as relative_lift
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
)

select
    summed.metric,
    summed.is_rate,
    lifts.relative_lift,
    cast({{ var('experiment_alpha') }} as double) as alpha,
    cast({{ var('experiment_power') }} as double) as power,
    summed.users,
    cast(summed.outcome_sum as bigint) as outcome_sum,
    cast(summed.outcome_square_sum as bigint) as outcome_square_sum
from summed
cross join lifts
