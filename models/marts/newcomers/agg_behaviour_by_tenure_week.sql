with

weeks as (

    select * from {{ ref('int_periods_spanned') }}
    where period_grain = 'week'

),

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
        period_index as week_index
    from {{ ref('int_user_periods_compared') }}
    where period_grain = 'week'

),

deeds as (

    select
        user_id,
        week_index,
        1 as active_weeks,
        0 as session_count,
        0 as message_count,
        0 as order_count
    from active_weeks

    union all

    select
        user_id,
        {{ period_index('week', period_start('day', 'started_at')) }} as week_index,
        0 as active_weeks,
        1 as session_count,
        0 as message_count,
        0 as order_count
    from event_sessions

    union all

    select
        user_id,
        {{ period_index('week', 'active_on') }} as week_index,
        0 as active_weeks,
        moderated_session_count as session_count,
        message_count + moderated_message_count as message_count,
        0 as order_count
    from user_days

    union all

    select
        user_id,
        {{ period_index('week', period_start('day', 'ordered_at')) }} as week_index,
        0 as active_weeks,
        0 as session_count,
        0 as message_count,
        1 as order_count
    from orders

)

select
    weeks.period_start as week_start,
    deeds.week_index - users.created_week as tenure_weeks,
    cast(sum(deeds.active_weeks) as bigint) as active_users,
    cast(sum(deeds.session_count) as bigint) as session_count,
    cast(sum(deeds.message_count) as bigint) as message_count,
    cast(sum(deeds.order_count) as bigint) as order_count
from deeds
inner join weeks on deeds.week_index = weeks.period_index
inner join users
    on
        deeds.user_id = users.user_id
        and deeds.week_index >= users.created_week
group by weeks.period_start, deeds.week_index - users.created_week
