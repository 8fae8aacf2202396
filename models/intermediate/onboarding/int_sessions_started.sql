{%- set other_reading = 'enclosing' if shown_reading() == 'stream' else 'stream' -%}

with

{% if not var('milestones_are_events') -%}
milestones as (

    select * from {{ ref('int_milestones') }}

),

{% endif -%}
timeline as (

    select * from {{ ref('int_events_sessionized') }}

),

stretches as (

    select * from {{ ref('int_stretches_affected') }}

),

shown as (

    select
        user_id,
        event_at as started_at,
        unbroken_since
    from timeline
    where position_in_session = 1

),

cut_alike as (

    select
        shown.user_id,
        shown.started_at
    from shown
    left join stretches on shown.user_id = stretches.user_id and shown.unbroken_since = stretches.unbroken_since
    where stretches.user_id is null

),

events as (

    select
        timeline.user_id,
        timeline.event_id,
        timeline.event_at
    from timeline
    inner join stretches on timeline.user_id = stretches.user_id and timeline.unbroken_since = stretches.unbroken_since
    where timeline.feed != 'milestones'
    {% if not var('milestones_are_events') %}
    union all

    select
        user_id,
        event_id,
        reached_at as event_at
    from milestones
    {% endif %}
),

in_order as (

    select
        *,
        lag(event_at) over (partition by user_id order by event_at, event_id) as previous_event_at
    from events

),

gaps as (

    select
        *,
        previous_event_at is null or not {{ is_same_session('previous_event_at', 'event_at') }} as follows_gap
    from in_order

),

spells as (

    select
        *,
        max(case when follows_gap then event_at end) over (
            partition by user_id
            order by event_at, event_id
            rows unbounded preceding
        ) as spell_started_at
    from gaps

),

cut_anew as (

    select
        user_id,
        event_at as started_at
    from spells
    where
        follows_gap
        or {{ session_piece('spell_started_at', 'event_at') }}
        != {{ session_piece('spell_started_at', 'previous_event_at') }}

)

select
    '{{ shown_reading() }}' as session_reading,
    user_id,
    started_at
from shown

union all

select
    '{{ other_reading }}' as session_reading,
    user_id,
    started_at
from cut_alike

union all

select
    '{{ other_reading }}' as session_reading,
    user_id,
    started_at
from cut_anew
