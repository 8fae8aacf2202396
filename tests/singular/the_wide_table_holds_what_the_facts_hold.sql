-- Whoever is in a fact is in dim_users, and its numbers are those of the facts.
with

wide as (

    select
        sum(order_count) as orders,
        sum(point_balance) as points,
        sum(moderated_session_count) as moderated_sessions,
        sum(account_count) as accounts,
        sum(active_days) as active_days,
        count_if(has_profile) as profiles
    from {{ ref('dim_users') }}

),

facts as (

    select
        (select count(*) from {{ ref('stg_platform__orders') }} where ordered_at <= {{ as_of('orders') }}) as orders,
        (select coalesce(sum(balance), 0) from {{ ref('dim_point_balances') }}) as points,
        (select count(*) from {{ ref('fct_activity_sessions') }}) as moderated_sessions,
        (select count(*) from {{ ref('dim_accounts') }} where user_id is not null) as accounts,
        (select count(*) from {{ ref('fct_user_days') }} where first_active_at <= {{ as_of('activity') }}) as active_days,
        (select count(*) from {{ ref('stg_platform__users') }}) as profiles

)

select
    wide.*,
    facts.*
from wide
cross join facts
where
    wide.orders is distinct from facts.orders
    or wide.points is distinct from facts.points
    or wide.moderated_sessions is distinct from facts.moderated_sessions
    or wide.accounts is distinct from facts.accounts
    or wide.active_days is distinct from facts.active_days
    or wide.profiles is distinct from facts.profiles
