with

first_sessions as (

    select
        *,
        coalesce(device_type, 'unknown') as known_device_type
    from {{ ref('fct_first_sessions') }}

),

typical_events as (

    select * from {{ ref('int_segment_events_ranked') }}

),

with_all_devices as (

    select
        *,
        known_device_type as device
    from first_sessions

    union all

    select
        *,
        'all' as device
    from first_sessions

),

profiles as (

    select
        segment,
        device,
        count(*) as users,
        count_if(is_complete) as complete_users,
        count_if(is_complete and is_activated_in_first_session) as activated_in_first_session,
        count_if(is_complete and is_activated_in_second_session) as activated_in_second_session,
        count_if(is_complete and is_activated) as activated,
        median(duration_seconds) as median_duration_seconds,
        median(event_count) as median_event_count
    from with_all_devices
    group by segment, device

),

segments as (

    select
        segment,
        count(*) as users
    from first_sessions
    group by segment

),

devices as (

    select
        device,
        count(*) as users
    from with_all_devices
    group by device

),

top_events as (

    select
        {%- for place in [1, 2, 3] %}
        max(case when place = {{ place }} then event_name || ' (' || {{ with_one_place('lift') }} || '×)' end)
            as event_{{ place }},
        {%- endfor %}
        segment
    from typical_events
    group by segment

)

select
    profiles.segment,
    profiles.device as device_type,
    profiles.users,
    {{ ratio('profiles.users', 'devices.users') }} as share_of_device,
    {{ ratio('profiles.users', 'segments.users') }} as share_of_segment,
    cast(profiles.complete_users as bigint) as complete_users,
    cast(profiles.activated_in_first_session as bigint) as activated_in_first_session,
    {{ ratio('profiles.activated_in_first_session', 'profiles.complete_users') }} as first_session_activation_rate,
    cast(profiles.activated_in_second_session as bigint) as activated_in_second_session,
    {{ ratio('profiles.activated_in_second_session', 'profiles.complete_users') }} as second_session_activation_rate,
    cast(profiles.activated as bigint) as activated,
    {{ ratio('profiles.activated', 'profiles.complete_users') }} as activation_rate,
    cast({{ steady_seconds('profiles.median_duration_seconds') }} as double) as median_duration_seconds,
    cast(profiles.median_event_count as double) as median_event_count,
    top_events.event_1
    || coalesce(', ' || top_events.event_2, '')
    || coalesce(', ' || top_events.event_3, '') as top_events
from profiles
inner join segments on profiles.segment = segments.segment
inner join devices on profiles.device = devices.device
left join top_events on profiles.segment = top_events.segment
