{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite' if target.type == 'spark' else 'append',
    partition_by='user_bucket' if target.type == 'spark' else none,
    contract={'enforced': target.type != 'spark'},
    on_schema_change='fail',
    pre_hook="{{ forget_touched(
        timeline=ref('int_events_sessionized'), started_at='started_at', rules=daily_rules('event_category')
    ) }}",
    post_hook=[
        "{{ mark_applied(rules=daily_rules('event_category'), members=ref('int_events')) }}",
        "{{ log_touched(started_at='started_at', unit='sessions') }}",
    ]
) }}

-- depends_on: {{ ref('int_events_changed') }}, {{ ref('int_events') }}

with

taxonomy as (

    select * from {{ ref('event_taxonomy') }}

),

events as (

    select
        events.*,
        {{ known_category('taxonomy.event_category') }} as event_category
    from {{ ref('int_events_sessionized') }} as events
    {% if is_incremental() %}
    inner join {{ touched_by(this) }} as touched
        on {{ is_touched('events', 'event_at') }}
    {% endif %}
    left join taxonomy on events.event_name = taxonomy.event_name

),

arrivals as (

    select
        *,
        loaded_at < max(loaded_at) over (
            partition by session_id
            order by position_in_session
            rows between unbounded preceding and 1 preceding
        ) as follows_a_later_load
    from events

),

sessions as (

    select
        session_id,
        user_id,
        session_number,
        min(event_at) as started_at,
        max(event_at) as ended_at,
        count(*) as event_count,
        count(distinct event_name) as distinct_event_count,
        min_by(event_name, position_in_session) as first_event_name,
        max_by(event_name, position_in_session) as last_event_name,
        min_by(device_type, position_in_session) filter (where device_type is not null) as device_type,
        {%- for category in event_categories() %}
        count_if(event_category = '{{ category }}') as {{ category }}_event_count,
        {%- endfor %}
        bool_or(coalesce(follows_a_later_load, false)) as is_late_revised
    from arrivals
    group by session_id, user_id, session_number

)

select
    session_id,
    user_id,
    session_number,
    started_at,
    {{ period_start('day', 'started_at') }} as started_on,
    ended_at,
    {{ seconds_between('started_at', 'ended_at') }} as duration_seconds,
    event_count,
    distinct_event_count,
    first_event_name,
    last_event_name,
    device_type,
    {%- for category in event_categories() %}
    cast({{ category }}_event_count as bigint) as {{ category }}_event_count,
    {%- endfor %}
    session_number = 1 as is_first_session,
    {%- if target.type == 'spark' %}
    {{ user_bucket('user_id') }} as user_bucket,
    {%- endif %}
    is_late_revised
from sessions
