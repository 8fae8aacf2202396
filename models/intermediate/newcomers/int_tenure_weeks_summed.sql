with

users as (

    select
        user_id,
        {{ period_index('week', 'created_on') }} as created_week
    from {{ ref('int_users_profiled') }}
    where created_on is not null

),

-- Milestones are reached in an account, not in a session: one of these alone is nothing that a user did.
event_sessions as (

    select * from {{ ref('fct_sessions') }}
    where
        event_count > milestone_event_count
        and started_at <= {{ as_of('activity') }}

),

user_days as (

    select * from {{ ref('int_user_days_united') }}
    where first_active_at <= {{ as_of('activity') }}

),

orders as (

    select * from {{ ref('stg_platform__orders') }}
    where ordered_at <= {{ as_of('orders') }}

),

active_weeks as (

    select
        user_id,
        period_index as week
    from {{ ref('int_user_periods_compared') }}
    where period_grain = 'week'

),

deeds as (

    select
        user_id,
        week,
        1 as active_weeks,
        0 as sessions,
        0 as messages,
        0 as orders
    from active_weeks

    union all

    select
        user_id,
        {{ period_index('week', period_start('day', 'started_at')) }} as week,
        0 as active_weeks,
        1 as sessions,
        0 as messages,
        0 as orders
    from event_sessions

    union all

    select
        user_id,
        {{ period_index('week', 'active_on') }} as week,
        0 as active_weeks,
        moderated_session_count as sessions,
        message_count + moderated_message_count as messages,
        0 as orders
    from user_days

    union all

    select
        user_id,
        {{ period_index('week', period_start('day', 'ordered_at')) }} as week,
        0 as active_weeks,
        0 as sessions,
        0 as messages,
        1 as orders
    from orders

)

select
    deeds.week,
    deeds.week - users.created_week as tenure,
    sum(deeds.active_weeks) as active_users,
    sum(deeds.sessions) as sessions,
    sum(deeds.messages) as messages,
    sum(deeds.orders) as orders
from deeds
inner join users
    on
        deeds.user_id = users.user_id
        and deeds.week >= users.created_week
group by deeds.week, deeds.week - users.created_week
