{{ config(materialized='view') }}

with

periods as (

    select * from {{ ref('int_user_periods_compared') }}

),

states as (

    select
        user_id,
        period_grain,
        created_period_index,
        period_index,
        {{ lifecycle_state('period_index', 'previous_period_index') }} as lifecycle_state
    from periods

    union all

    select
        user_id,
        period_grain,
        created_period_index,
        period_index + 1 as period_index,
        'dormant' as lifecycle_state
    from periods
    where
        next_period_index is null
        or next_period_index > period_index + 1

)

select
    user_id,
    period_grain,
    period_index,
    lifecycle_state,
    case
        when created_period_index = period_index then 'new'
        when created_period_index < period_index then 'existing'
        else 'unknown'
    end as registration_state
from states
