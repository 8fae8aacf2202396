with

events as (

    select * from {{ ref('int_events') }}

),

taxonomy as (

    select * from {{ ref('event_taxonomy') }}

)

select
    events.feed,
    events.event_name,
    count(*) as events,
    count(distinct events.user_id) as users,
    min(events.event_at) as first_event_at,
    max(events.event_at) as last_event_at
from events
left join taxonomy on events.event_name = taxonomy.event_name
where taxonomy.event_name is null
group by events.feed, events.event_name
