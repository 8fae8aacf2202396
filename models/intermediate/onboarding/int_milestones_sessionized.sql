with

milestones as (

    select * from {{ ref('int_milestones') }}

),

activations as (

    select * from {{ ref('int_accounts_activated') }}

),

sessions as (

    select * from {{ ref('int_sessions_started') }}

),

moments as (

    select
        event_id,
        user_id,
        reached_at as moment_at
    from milestones

    union

    select
        event_id,
        user_id,
        activated_at as moment_at
    from activations

)

-- The last session that has begun either holds the moment or is the last one before it.
select
    moments.event_id,
    nullif(count_if(sessions.session_reading = 'stream'), 0) as stream_session_number,
    nullif(count_if(sessions.session_reading = 'enclosing'), 0) as enclosing_session_number
from moments
left join sessions on moments.user_id = sessions.user_id and moments.moment_at >= sessions.started_at
group by moments.event_id
