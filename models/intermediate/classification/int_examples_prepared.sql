{{ config(materialized='view') }}

with

features as (

    select * from {{ ref('int_user_features') }}

),

outcomes as (

    select * from {{ ref('int_user_outcomes_observed') }}

)

select
    features.*,
    outcomes.was_ordering,
    outcomes.orders_next_week,
    case when outcomes.orders_next_week = 0 then 1 when outcomes.orders_next_week > 0 then 0 end as no_order_next_week,
    case when outcomes.is_dead then 1 when not outcomes.is_dead then 0 end as is_dead,
    outcomes.next_week_split,
    outcomes.dead_split
from features
inner join outcomes on features.user_id = outcomes.user_id and features.cutoff_at = outcomes.cutoff_at
