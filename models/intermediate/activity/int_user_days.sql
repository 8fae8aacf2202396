{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite' if target.type == 'spark' else 'append',
    partition_by='user_bucket' if target.type == 'spark' else none,
    on_schema_change='fail',
    pre_hook="{{ forget_touched(timeline=none, started_at='active_on', rules=activity_rules()) }}",
    post_hook=[
        "{{ mark_applied(rules=activity_rules(), members=ref('int_activity_events_selected')) }}",
        "{{ log_touched(started_at='active_on', unit='days') }}",
    ]
) }}

-- depends_on: {{ ref('int_events_changed') }}, {{ ref('int_events') }}, {{ ref('int_events_sessionized') }}
-- depends_on: {{ ref('event_taxonomy') }}

with

events as (

    select events.* from {{ ref('int_activity_events_selected') }} as events
    {% if is_incremental() %}
    inner join {{ touched_by(this) }} as touched
        on {{ is_touched('events', 'event_at') }}
    {% if target.type == 'duckdb' %}
    where events.event_at >= {{ first_touched() }}
    {% endif %}
    {% endif %}

),

dated as (

    select
        *,
        {{ period_start('day', 'event_at') }} as active_on
    from events

),

rewritten as (

    select dated.* from dated
    {% if is_incremental() %}
    inner join {{ touched_by(this) }} as touched
        on {{ is_touched('dated', 'active_on') }}
    {% endif %}

)

select
    user_id,
    active_on,
    count(*) as event_count,
    count(distinct session_number) as session_count,
    cast(count_if(event_name = '{{ var("message_event") }}') as bigint) as message_count,
    min(event_at) as first_active_at,
    {%- if target.type == 'spark' %}
    {{ user_bucket('user_id') }} as user_bucket,
    {%- endif %}
    max(event_at) as last_active_at
from rewritten
group by user_id, active_on
{%- if target.type == 'duckdb' %}
-- So that a batch, which is mostly about the last days, need not read the others.
order by active_on
{%- endif %}
