with

milestones as (

    select * from {{ ref('int_milestones') }}

),

sessions as (

    select * from {{ ref('int_milestones_sessionized') }}

),

clients as (

    select * from {{ ref('stg_onboarding__clients') }}

)

select
    milestones.event_id,
    milestones.milestone,
    milestones.entity_id,
    milestones.account_id,
    milestones.user_id,
    milestones.reached_at,
    cast(sessions.stream_session_number as bigint) as stream_session_number,
    cast(sessions.enclosing_session_number as bigint) as enclosing_session_number,
    milestones.is_trial_side_effect,
    {{ is_new_client('clients.created_at') }} as is_new_client
from milestones
left join sessions on milestones.event_id = sessions.event_id
left join clients on milestones.user_id = clients.client_id
