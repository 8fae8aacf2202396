{{ config(materialized='view') }}

with

-- A row that another one with the same id replaced is what was known until then.
chat_rows as (

    select
        id_of_event,
        user_id,
        event_name,
        event_at,
        loaded_at,
        outcome,
        {{ chat_event_content() }} as row_content
    from {{ ref('base_chatbot__chat_events') }}
    where outcome != 'rejected' or reasons = 'conflicting_duplicate'

),

onboarding_events as (

    select * from {{ ref('stg_onboarding__events') }}

),

taxonomy as (

    select * from {{ ref('event_taxonomy') }}

),

repeated as (

    select distinct id_of_event
    from chat_rows
    where outcome != 'accepted'

),

replaced as (

    select
        chat_rows.*,
        lead(coalesce(chat_rows.loaded_at, timestamp '{{ var("valid_time_from") }}')) over (
            partition by chat_rows.id_of_event
            order by coalesce(chat_rows.loaded_at, timestamp '{{ var("valid_time_from") }}'), chat_rows.row_content
        ) as replaced_at
    from chat_rows
    inner join repeated on chat_rows.id_of_event = repeated.id_of_event

),

versions as (

    select
        chat_rows.id_of_event as event_id,
        chat_rows.user_id,
        chat_rows.event_name,
        chat_rows.event_at,
        chat_rows.loaded_at,
        cast(null as timestamp) as replaced_at
    from chat_rows
    left join repeated on chat_rows.id_of_event = repeated.id_of_event
    where repeated.id_of_event is null

    union all

    select
        id_of_event as event_id,
        user_id,
        event_name,
        event_at,
        loaded_at,
        replaced_at
    from replaced

    union all

    select
        event_id,
        user_id,
        event_name,
        event_at,
        cast(null as timestamp) as loaded_at,
        cast(null as timestamp) as replaced_at
    from onboarding_events

),

dated as (

    select
        versions.event_id,
        versions.user_id,
        versions.event_name,
        coalesce(taxonomy.is_activity, false) as is_activity,
        coalesce(taxonomy.is_chat_initiation, false) as is_chat_initiation,
        versions.event_at,
        {{ week_of('versions.event_at') }} as week_index,
        {{ week_of('greatest(versions.event_at, versions.loaded_at)') }} as seen_week,
        {{ week_of('versions.replaced_at') }} as replaced_week
    from versions
    left join taxonomy on versions.event_name = taxonomy.event_name

)

select
    event_id,
    user_id,
    event_name,
    is_activity,
    is_chat_initiation,
    event_at,
    week_index,
    seen_week,
    replaced_week
from dated
-- What was replaced before a cut-off came was known at none.
where replaced_week is null or replaced_week > seen_week
