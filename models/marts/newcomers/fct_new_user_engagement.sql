{% set days = chat_initiation_days() %}

with

profiles as (

    select * from {{ ref('stg_platform__users') }}

),

events as (

    select
        events.user_id,
        events.event_at,
        events.feed,
        taxonomy.is_chat_initiation
    from {{ ref('int_events') }} as events
    left join {{ ref('event_taxonomy') }} as taxonomy on events.event_name = taxonomy.event_name
    where events.event_at <= {{ as_of('chat_initiation') }}

),

-- What came before the registration is nothing that a new user did.
first_events as (

    select
        profiles.user_id,
        min(case when events.feed = 'chat_events' then events.event_at end) as first_contact_at,
        min(case when events.is_chat_initiation then events.event_at end) as first_chat_at
    from profiles
    inner join events
        on
            profiles.user_id = events.user_id
            and profiles.created_at <= events.event_at
    group by profiles.user_id

),

judged as (

    select
        {%- for n in days %}
        {%- set end_of_span = "profiles.created_at + interval '" ~ n ~ " days'" %}
        coalesce(first_events.first_chat_at < {{ end_of_span }}, false) as initiated_within_{{ n }}d,
        coalesce(
            profiles.created_at >= {{ observed_from('chat_initiation') }}
            and {{ end_of_span }} <= {{ as_of('chat_initiation') }},
            false
        ) as is_complete_{{ n }}d,
        {%- endfor %}
        profiles.user_id,
        profiles.created_at,
        first_events.first_contact_at,
        first_events.first_chat_at
    from profiles
    left join first_events on profiles.user_id = first_events.user_id

)

select
    user_id,
    created_at,
    {{ period_start('day', 'created_at') }} as created_on,
    first_contact_at,
    first_chat_at,
    {{ seconds_between('created_at', 'first_chat_at') }} as seconds_to_first_chat,
    {%- for n in days %}
    initiated_within_{{ n }}d,
    {%- endfor %}
    {%- for n in days %}
    is_complete_{{ n }}d,
    {%- endfor %}
    is_complete_{{ days | max }}d and not initiated_within_{{ days | max }}d as is_non_engaging
from judged
