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
    events.event_name,
    events.session_number,
    events.event_at
from events
inner join taxonomy on events.event_name = taxonomy.event_name
where taxonomy.is_activity
