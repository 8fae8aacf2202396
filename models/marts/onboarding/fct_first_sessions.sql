with

first_sessions as (

    select * from {{ ref('int_first_sessions_described') }}

),

segments as (

    select * from {{ ref('int_first_sessions_segmented') }}

),

milestones as (

    select
        user_id,
        {{ sorted_list('milestone') }} as milestones_reached
    from {{ ref('int_first_session_milestones_reached') }}
    group by user_id

)

select
    first_sessions.user_id,
    segments.segment,
    first_sessions.device_type,
    first_sessions.created_at,
    first_sessions.started_at,
    first_sessions.ended_at,
    first_sessions.duration_seconds,
    cast(first_sessions.event_count as bigint) as event_count,
    cast(first_sessions.distinct_event_count as bigint) as distinct_event_count,
    {%- for category in event_categories() if category != 'milestone' %}
    cast(first_sessions.{{ category }}_event_count as bigint) as {{ category }}_event_count,
    {%- endfor %}
    milestones.milestones_reached,
    {%- for kind in first_session_kinds() %}
    cast(first_sessions.{{ kind }}_place as bigint) as {{ kind }}_place,
    {%- endfor %}
    first_sessions.returned_at,
    first_sessions.came_back_within_a_day,
    first_sessions.activated_at,
    cast(first_sessions.activation_session_number as bigint) as activation_session_number,
    coalesce(first_sessions.activation_session_number = 1, false) as is_activated_in_first_session,
    coalesce(first_sessions.activation_session_number = 2, false) as is_activated_in_second_session,
    first_sessions.activated_at is not null as is_activated,
    coalesce(
        first_sessions.created_at + interval '{{ var("activation_days") }} days' <= {{ as_of('onboarding') }}
        and (
            first_sessions.ended_at is null
            or first_sessions.ended_at + interval '1 day' <= {{ as_of('onboarding') }}
        ),
        false
    ) as is_complete
from first_sessions
left join segments on first_sessions.user_id = segments.user_id
left join milestones on first_sessions.user_id = milestones.user_id
