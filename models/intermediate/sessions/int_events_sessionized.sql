{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite' if target.type == 'spark' else 'append',
    partition_by='user_bucket' if target.type == 'spark' else none,
    on_schema_change='fail',
    pre_hook="{{ forget_touched(timeline=this, started_at='event_at', rules=session_rules()) }}",
    post_hook=[
        "{{ mark_applied(rules=session_rules(), members=ref('int_events')) }}",
        "{{ log_touched(started_at='event_at', unit='sessions') }}",
    ]
) }}

with

-- Read twice: few rows are kept at hand, all of them are not, which would cost more than to read them again.
events as {{ inlined() if not is_incremental() }} (

    select events.* from {{ ref('int_events') }} as events
    {% if is_incremental() %}
    inner join {{ touched_by(this) }} as touched
        on {{ is_touched('events', 'event_at') }}
    {% if target.type == 'duckdb' %}
    where events.event_at >= {{ first_touched() }}
    {% endif %}
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

-- The events of one slot are less than a gap apart: what holds between sessions can be asked of slots, which are few.
slots as (

    select
        user_id,
        {{ session_slot('event_at') }} as slot,
        min({{ place_in_time('event_at', 'event_id') }}) as first_place,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at,
        count(*) as event_count
    from events
    group by user_id, {{ session_slot('event_at') }}

),

gaps as (

    select
        *,
        lag(last_event_at) over (partition by user_id order by slot) as previous_event_at,
        (sum(event_count) over (partition by user_id order by slot rows unbounded preceding))
        - event_count as earlier_events
    from slots

),

pauses as (

    select
        user_id,
        slot,
        first_place,
        first_event_at,
        earlier_events,
        previous_event_at is null or not {{ is_same_session('previous_event_at', 'first_event_at') }} as is_start
    from gaps

),
{% if var('session_max_hours') is none %}
starts as (

    select
        *,
        0 as piece,
        first_event_at as unbroken_since
    from pauses

),
{% else %}
spells as (

    select
        user_id,
        slot,
        max(case when is_start then first_event_at end) over (
            partition by user_id
            order by slot
            rows unbounded preceding
        ) as unbroken_since
    from pauses

),

-- A cut can fall within a slot, which makes two of it.
slices as (

    select
        events.user_id,
        spells.slot,
        spells.unbroken_since,
        {{ session_piece('spells.unbroken_since', 'events.event_at') }} as piece,
        min({{ place_in_time('events.event_at', 'events.event_id') }}) as first_place,
        count(*) as event_count
    from events
    inner join spells on events.user_id = spells.user_id and {{ session_slot('events.event_at') }} = spells.slot
    group by
        events.user_id,
        spells.slot,
        spells.unbroken_since,
        {{ session_piece('spells.unbroken_since', 'events.event_at') }}

),

starts as (

    select
        user_id,
        slot,
        piece,
        first_place,
        unbroken_since,
        (sum(event_count) over (partition by user_id order by slot, piece rows unbounded preceding))
        - event_count as earlier_events,
        row_number() over (partition by user_id, unbroken_since, piece order by slot) = 1 as is_start
    from slices

),
{% endif %}
-- What a session's first slot knows holds for all that follow, up to the next session's.
sessions as (

    select
        starts.user_id,
        starts.slot,
        starts.piece,
        {{ last_known(
            "case when starts.is_start then " ~ hashed_id(['starts.user_id', 'starts.first_place.event_id']) ~ " end"
        ) }} over user_slots as session_id,
        count(case when starts.is_start then starts.slot end) over user_slots as session_number,
        max(case when starts.is_start then starts.unbroken_since end) over user_slots as unbroken_since,
        max(case when starts.is_start then starts.earlier_events end) over user_slots as earlier_events
    from starts
    window user_slots as (
        partition by starts.user_id
        order by starts.slot, starts.piece
        rows unbounded preceding
    )

),

timeline as (

    select
        *,
        row_number() over user_timeline as place,
        lag(event_at) over user_timeline as previous_event_at
    from events
    window user_timeline as (partition by user_id order by event_at, event_id)

)

select
    timeline.event_id,
    sessions.session_id,
    timeline.user_id,
    timeline.account_id,
    timeline.event_name,
    timeline.device_type,
    timeline.feed,
    cast(coalesce(untouched.session_count, 0) + sessions.session_number as bigint) as session_number,
    cast(timeline.place - sessions.earlier_events as bigint) as position_in_session,
    {{ seconds_between('coalesce(timeline.previous_event_at, untouched.last_event_at)', 'timeline.event_at') }}
        as seconds_since_previous_event,
    timeline.event_at,
    sessions.unbroken_since,
    {%- if target.type == 'spark' %}
    {{ user_bucket('timeline.user_id') }} as user_bucket,
    {%- endif %}
    timeline.loaded_at
from timeline
inner join sessions
    on
        timeline.user_id = sessions.user_id
        and {{ session_slot('timeline.event_at') }} = sessions.slot
        and {{ session_piece('sessions.unbroken_since', 'timeline.event_at') }} = sessions.piece
left join untouched on timeline.user_id = untouched.user_id
