{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite' if target.type == 'spark' else 'append',
    partition_by='user_bucket' if target.type == 'spark' else none,
    on_schema_change='fail',
    pre_hook="{{ forget_touched(timeline=this, started_at='event_at', rules=session_rules()) }}",
    post_hook=[
        "{{ mark_applied(rules=session_rules()) }}",
        "{{ log_touched(started_at='event_at') }}",
    ]
) }}

with

events as (

    select events.* from {{ ref('int_events') }} as events
    {% if is_incremental() %}
    inner join {{ touched_by(this) }} as touched
        on {{ is_touched('events') }}
    {% endif %}

),

untouched as (
    {% if is_incremental() and target.type != 'spark' %}
    select
        earlier.user_id,
        max(earlier.session_number) as session_count,
        max(earlier.event_at) as last_event_at
    from {{ this }} as earlier
    inner join {{ touched_by(this) }} as touched on earlier.user_id = touched.user_id
    group by earlier.user_id
    {% else %}
    select
        cast(null as string) as user_id,
        cast(null as bigint) as session_count,
        cast(null as timestamp) as last_event_at
    where false
    {% endif %}
),

in_order as (

    select
        *,
        row_number() over user_timeline as place,
        lag(event_at) over user_timeline as previous_event_at
    from events
    window user_timeline as (partition by user_id order by event_at, event_id)

),

gaps as (

    select
        *,
        previous_event_at is null or not {{ is_same_session('previous_event_at', 'event_at') }} as follows_gap
    from in_order

),

{% if var('session_max_hours') is none -%}
starts as (

    select
        *,
        follows_gap as is_start
    from gaps

),
{%- else -%}
spells as (

    select
        *,
        max(case when follows_gap then event_at end) over (
            partition by user_id
            order by place
            rows unbounded preceding
        ) as spell_started_at
    from gaps

),

starts as (

    select
        *,
        follows_gap
        or {{ session_piece('spell_started_at', 'event_at') }}
        != {{ session_piece('spell_started_at', 'previous_event_at') }} as is_start
    from spells

),
{%- endif %}

-- What holds for a whole session is computed at its start and carried along.
numbered as (

    select
        *,
        count_if(is_start) over timeline as session_place,
        {{ last_known('case when is_start then ' ~ hashed_id(['user_id', 'event_id']) ~ ' end') }}
            over timeline as session_id,
        max(case when is_start then place end) over timeline as first_place,
        max(case when follows_gap then event_at end) over timeline as unbroken_since
    from starts
    window timeline as (partition by user_id order by place rows unbounded preceding)

)

select
    numbered.event_id,
    numbered.session_id,
    numbered.user_id,
    numbered.account_id,
    numbered.event_name,
    numbered.device_type,
    numbered.feed,
    cast(coalesce(untouched.session_count, 0) + numbered.session_place as bigint) as session_number,
    cast(numbered.place - numbered.first_place + 1 as bigint) as position_in_session,
    {{ seconds_between('coalesce(numbered.previous_event_at, untouched.last_event_at)', 'numbered.event_at') }}
        as seconds_since_previous_event,
    numbered.event_at,
    numbered.unbroken_since,
    {%- if target.type == 'spark' %}
    {{ user_bucket('numbered.user_id') }} as user_bucket,
    {%- endif %}
    numbered.loaded_at
from numbered
left join untouched on numbered.user_id = untouched.user_id
