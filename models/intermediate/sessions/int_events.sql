{{ config(materialized='view') }}

with

chat_events as (

    select * from {{ ref('stg_chatbot__chat_events') }}

),

onboarding_events as (

    select * from {{ ref('stg_onboarding__events') }}

),

{% if var('milestones_are_events') -%}
milestones as (

    select * from {{ ref('int_milestones') }}

),

{% endif -%}
taxonomy as (

    select * from {{ ref('event_taxonomy') }}

),

events as (

    select
        'chat_events' as feed,
        *
    from chat_events

    union all

    select
        'onboarding_events' as feed,
        *
    from onboarding_events
    {% if var('milestones_are_events') %}
    union all

    select
        'milestones' as feed,
        event_id,
        user_id,
        account_id,
        event_name,
        cast(null as string) as device_type,
        reached_at as event_at,
        loaded_at
    from milestones
    {% endif %}
)

select
    events.event_id,
    events.user_id,
    events.account_id,
    events.event_name,
    {{ known_category('taxonomy.event_category') }} as event_category,
    events.device_type,
    events.feed,
    events.event_at,
    events.loaded_at
from events
left join taxonomy on events.event_name = taxonomy.event_name
