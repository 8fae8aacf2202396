{{ config(materialized='view') }}

with

periods as (

    select * from {{ ref('int_user_periods_compared') }}

),

rolling_days as (

    select * from {{ ref('int_user_rolling_days_numbered') }}

),

-- Activity before the basis does not count.
numbered as (

    select
        user_id,
        'first_activity' as cohort_basis,
        period_grain,
        first_period_index as cohort_index,
        period_index - first_period_index as period_number,
        next_period_index
    from periods

    union all

    select
        user_id,
        'creation' as cohort_basis,
        period_grain,
        created_period_index as cohort_index,
        period_index - created_period_index as period_number,
        next_period_index
    from periods
    where last_active_at >= created_at

)

select
    user_id,
    cohort_basis,
    period_grain as cohort_grain,
    cohort_index,
    'on' as retention_kind,
    period_number
from numbered

union all

select
    user_id,
    cohort_basis,
    period_grain as cohort_grain,
    cohort_index,
    'on_or_after' as retention_kind,
    period_number
from numbered
where next_period_index is null

union all

select
    user_id,
    cohort_basis,
    'day' as cohort_grain,
    cohort_index,
    'rolling_24h' as retention_kind,
    period_number
from rolling_days
