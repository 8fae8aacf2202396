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
        lag(last_event_at) over (partition by user_id order by slot) as previous_event_at
    from slots

),

spells as (

    select
        *,
        max(
            case
                when previous_event_at is null or not {{ is_same_session('previous_event_at', 'first_event_at') }}
                    then first_event_at
            end
        ) over (
            partition by user_id
            order by slot
            rows unbounded preceding
        ) as unbroken_since
    from gaps

),

pieces as (
    {% if var('session_max_hours') is none %}
    select
        user_id,
        unbroken_since,
        0 as piece,
        min(first_place) as first_place,
        sum(event_count) as event_count
    from spells
    group by user_id, unbroken_since
    {% else %}
    select
        events.user_id,
        spells.unbroken_since,
        {{ session_piece('spells.unbroken_since', 'events.event_at') }} as piece,
        min({{ place_in_time('events.event_at', 'events.event_id') }}) as first_place,
        count(*) as event_count
    from events
    inner join spells on events.user_id = spells.user_id and {{ session_slot('events.event_at') }} = spells.slot
    group by events.user_id, spells.unbroken_since, {{ session_piece('spells.unbroken_since', 'events.event_at') }}
    {% endif %}
),

sessions as (

    select
        pieces.user_id,
        pieces.unbroken_since,
        pieces.piece,
        {{ hashed_id(['pieces.user_id', 'pieces.first_place.event_id']) }} as session_id,
        coalesce(untouched.session_count, 0) + row_number() over user_sessions as session_number,
        (sum(pieces.event_count) over user_sessions) - pieces.event_count as earlier_events,
        untouched.last_event_at as untouched_until
    from pieces
    left join untouched on pieces.user_id = untouched.user_id
    window user_sessions as (
        partition by pieces.user_id
        order by pieces.unbroken_since, pieces.piece
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
    cast(sessions.session_number as bigint) as session_number,
    cast(timeline.place - sessions.earlier_events as bigint) as position_in_session,
    {{ seconds_between('coalesce(timeline.previous_event_at, sessions.untouched_until)', 'timeline.event_at') }}
        as seconds_since_previous_event,
    timeline.event_at,
    sessions.unbroken_since,
    {%- if target.type == 'spark' %}
    {{ user_bucket('timeline.user_id') }} as user_bucket,
    {%- endif %}
    timeline.loaded_at
from timeline
inner join spells on timeline.user_id = spells.user_id and {{ session_slot('timeline.event_at') }} = spells.slot
inner join sessions
    on
        spells.user_id = sessions.user_id
        and spells.unbroken_since = sessions.unbroken_since
        and {{ session_piece('spells.unbroken_since', 'timeline.event_at') }} = sessions.piece
