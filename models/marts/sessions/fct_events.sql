{{ config(materialized='view') }}

with

events as (

    select * from {{ ref('int_events_sessionized') }}

),

taxonomy as (

    select * from {{ ref('event_taxonomy') }}

)

select
    events.event_id,
    events.session_id,
    events.user_id,
    events.account_id,
    events.event_name,
    {{ known_category('taxonomy.event_category') }} as event_category,
    events.event_at,
    events.position_in_session,
    events.seconds_since_previous_event,
    events.device_type,
    events.feed,
    events.loaded_at
from events
left join taxonomy on events.event_name = taxonomy.event_name
