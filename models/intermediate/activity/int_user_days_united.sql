with

event_days as (

    select * from {{ ref('int_user_days') }}

),

moderated_sessions as (

    select
        *,
        {{ period_start('day', 'started_at') }} as active_on
    from {{ ref('stg_platform__activity_sessions') }}

),

parts as (

    select
        user_id,
        active_on,
        event_count,
        session_count,
        message_count,
        0 as moderated_session_count,
        0 as moderated_message_count,
        first_active_at,
        last_active_at
    from event_days

    union all

    select
        user_id,
        active_on,
        0 as event_count,
        0 as session_count,
        0 as message_count,
        1 as moderated_session_count,
        messages_sent as moderated_message_count,
        started_at as first_active_at,
        started_at as last_active_at
    from moderated_sessions

),

user_days as (

    select
        user_id,
        active_on,
        sum(event_count) as event_count,
        sum(session_count) as session_count,
        sum(message_count) as message_count,
        sum(moderated_session_count) as moderated_session_count,
        sum(moderated_message_count) as moderated_message_count,
        min(first_active_at) as first_active_at,
        max(last_active_at) as last_active_at
    from parts
    group by user_id, active_on

)

select
    user_id,
    active_on,
    cast(event_count as bigint) as event_count,
    cast(session_count as bigint) as session_count,
    cast(message_count as bigint) as message_count,
    cast(moderated_session_count as bigint) as moderated_session_count,
    cast(moderated_message_count as bigint) as moderated_message_count,
    first_active_at,
    last_active_at,
    lag(active_on) over (partition by user_id order by active_on) as previous_active_on
from user_days
