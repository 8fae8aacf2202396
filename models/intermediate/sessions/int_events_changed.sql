{{ config(materialized='view') }}

with

chat_events as (

    select * from {{ ref('base_chatbot__chat_events') }}

),

{% if var('milestones_are_events') -%}
milestones as (

    select * from {{ ref('int_milestones_changed') }}

),

{% endif -%}
onboarding_events as (

    select * from {{ ref('base_onboarding__onboarding_events') }}

)

select
    'chat_events' as feed,
    user_id,
    event_at,
    judged_in_load
from chat_events
where
    outcome = 'accepted'
    or was_accepted

union all

select
    'onboarding_events' as feed,
    client_id as user_id,
    event_dttm as event_at,
    judged_in_load
from onboarding_events
where
    outcome = 'accepted'
    or was_accepted
{% if var('milestones_are_events') %}
union all

select
    'milestones' as feed,
    user_id,
    reached_at as event_at,
    change_number as judged_in_load
from milestones
{% endif %}
