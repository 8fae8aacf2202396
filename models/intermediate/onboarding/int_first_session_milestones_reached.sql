with

first_sessions as (

    select * from {{ ref('int_first_sessions_described') }}

),

milestones as (

    select * from {{ ref('int_milestones') }}

)

select
    milestones.user_id,
    milestones.milestone,
    milestones.event_name,
    count(*) as event_count
from milestones
inner join first_sessions
    on
        milestones.user_id = first_sessions.user_id
        and milestones.reached_at >= first_sessions.started_at
        and milestones.reached_at <= first_sessions.ended_at
group by milestones.user_id, milestones.milestone, milestones.event_name
