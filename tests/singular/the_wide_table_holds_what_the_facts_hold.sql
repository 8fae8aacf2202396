-- Whoever is in a fact is in dim_users, and its numbers are those of the facts.
with

orders as (

    select count(*) as order_count
    from {{ ref('stg_platform__orders') }}
    where ordered_at <= {{ as_of('orders') }}

),

points as (

    select coalesce(sum(balance), 0) as balance
    from {{ ref('dim_point_balances') }}

),

moderated as (

    select count(*) as session_count
    from {{ ref('fct_activity_sessions') }}

),

accounts as (

    select count(user_id) as account_count
    from {{ ref('dim_accounts') }}

),

active_days as (

    select count(*) as day_count
    from {{ ref('fct_user_days') }}
    where first_active_at <= {{ as_of('activity') }}

),

profiles as (

    select count(*) as profile_count
    from {{ ref('stg_platform__users') }}

),

wide as (

    select
        coalesce(sum(order_count), 0) as order_count,
        coalesce(sum(point_balance), 0) as balance,
        coalesce(sum(moderated_session_count), 0) as session_count,
        coalesce(sum(account_count), 0) as account_count,
        coalesce(sum(active_days), 0) as day_count,
        count_if(has_profile) as profile_count
    from {{ ref('dim_users') }}

)

select wide.*
from wide
cross join orders
cross join points
cross join moderated
cross join accounts
cross join active_days
cross join profiles
where
    wide.order_count != orders.order_count
    or wide.balance != points.balance
    or wide.session_count != moderated.session_count
    or wide.account_count != accounts.account_count
    or wide.day_count != active_days.day_count
    or wide.profile_count != profiles.profile_count
