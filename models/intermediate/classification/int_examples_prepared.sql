{{ config(materialized='view') }}

with

features as (

    select * from {{ ref('int_user_features') }}

),

outcomes as (

    select * from {{ ref('int_user_outcomes_observed') }}

)

select
    features.user_id,
    features.cutoff_at,
    features.cutoff_on,
    features.week_index,
    features.is_newest,
    features.has_profile,
    features.gender,
    features.income_band,
    features.country_group,
    features.acquisition_channel,
    features.device_type,
    features.age,
    features.tenure_days,
    features.days_since_first_known,
    features.days_since_active,
    features.active_days_4w,
    features.orders_week_1,
    features.orders_week_2,
    features.orders_week_3,
    features.orders_week_4,
    features.orders_week_5,
    features.order_count,
    features.days_since_first_order,
    features.days_since_order,
    features.event_count_4w,
    features.chat_count_4w,
    features.message_count_4w,
    features.session_count_4w,
    features.moderated_session_count_4w,
    features.moderated_minutes_4w,
    features.order_value_4w,
    features.point_transaction_count_4w,
    features.accrued_points_4w,
    features.redeemed_points_4w,
    features.point_balance,
    outcomes.was_ordering,
    outcomes.orders_next_week,
    case when outcomes.orders_next_week = 0 then 1 when outcomes.orders_next_week > 0 then 0 end as no_order_next_week,
    case when outcomes.is_dead then 1 when not outcomes.is_dead then 0 end as is_dead,
    outcomes.next_week_split,
    outcomes.dead_split
from features
inner join outcomes on features.user_id = outcomes.user_id and features.cutoff_at = outcomes.cutoff_at
