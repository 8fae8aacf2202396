with

events as (

    select * from {{ ref('int_events_sessionized') }}

),

before_activation as (

    select * from {{ ref('int_sessions_before_activation_counted') }}

),

taxonomy as (

    select * from {{ ref('event_taxonomy') }}

),

followed as (

    select
        user_id,
        session_number,
        position_in_session,
        event_name,
        lead(event_name) over (
            partition by session_id
            order by position_in_session nulls last
        ) as next_event_name
    from events

),

moves as (

    select
        user_id,
        session_number,
        event_name as from_event,
        next_event_name as to_event
    from followed

    union all

    select
        user_id,
        session_number,
        null as from_event,
        event_name as to_event
    from followed
    where position_in_session = 1

),

moves_of_users as (

    select
        moves.user_id,
        moves.from_event,
        moves.to_event,
        moves.session_number = 1 as is_first_session,
        moves.session_number <= coalesce(before_activation.session_count, 0) as is_before_activation,
        count(*) as transitions
    from moves
    left join before_activation on moves.user_id = before_activation.user_id
    group by
        moves.user_id,
        moves.from_event,
        moves.to_event,
        is_first_session,
        is_before_activation

),

-- No event before the first is the session's start, none after the last its end.
moves_by_state as (

    select
        'event_name' as state_type,
        coalesce({{ event_state('from_event') }}, 'session_start') as from_state,
        coalesce({{ event_state('to_event') }}, 'session_end') as to_state,
        moves_of_users.*
    from moves_of_users

    union all

    select
        'category' as state_type,
        case
            when moves_of_users.from_event is null then 'session_start'
            else {{ known_category('from_taxonomy.event_category') }}
        end as from_state,
        case
            when moves_of_users.to_event is null then 'session_end'
            else {{ known_category('to_taxonomy.event_category') }}
        end as to_state,
        moves_of_users.*
    from moves_of_users
    left join taxonomy as from_taxonomy on moves_of_users.from_event = from_taxonomy.event_name
    left join taxonomy as to_taxonomy on moves_of_users.to_event = to_taxonomy.event_name

),

counted as (
    {% for scope, condition in path_scopes().items() %}
    select
        '{{ scope }}' as scope,
        state_type,
        from_state,
        to_state,
        sum(transitions) as transitions,
        count(distinct user_id) as users
    from moves_by_state
    where {{ condition }}
    group by state_type, from_state, to_state
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

beside_others as (

    select
        *,
        sum(transitions) over (partition by scope, state_type, from_state) as transitions_from_state
    from counted

)

select
    scope,
    state_type,
    from_state,
    to_state,
    cast(transitions as bigint) as transitions,
    cast(users as bigint) as users,
    cast(transitions_from_state as bigint) as transitions_from_state,
    {{ ratio('transitions', 'transitions_from_state') }} as probability
from beside_others
