with

clients as (

    select * from {{ ref('stg_onboarding__clients') }}
    where {{ is_new_client('created_at') }}

),

timeline as (

    select * from {{ ref('int_events_sessionized') }}
    where session_number = 1

)

select
    timeline.user_id,
    timeline.event_name,
    timeline.feed = 'milestones' as is_milestone,
    count(*) as event_count,
    min(timeline.position_in_session) as first_position,
    min(timeline.event_at) as first_event_at,
    max(timeline.event_at) as last_event_at
from timeline
inner join clients on timeline.user_id = clients.client_id
group by timeline.user_id, timeline.event_name, timeline.feed = 'milestones'
