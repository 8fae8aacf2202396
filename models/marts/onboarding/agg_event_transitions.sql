with

events as (

    select * from {{ ref('int_events_sessionized') }}

),

activated_users as (

    select * from {{ ref('int_sessions_before_activation_counted') }}

),

taxonomy as (

    select * from {{ ref('event_taxonomy') }}

),

followed as (

    select
        user_id,
        session_number,
        event_name as from_event,
        lead(event_name) over (
            partition by user_id, session_number
            order by position_in_session nulls last
        ) as to_event
    from events

),

-- Before the first event of a session there is none, nor after the last.
moves as (

    select * from followed

    union all

    select
        user_id,
        session_number,
        null as from_event,
        event_name as to_event
    from events
    where position_in_session = 1

),

moves_of_users as (

    select
        {%- for scope, condition in path_scopes().items() %}
        count_if({{ condition }}) as {{ scope }},
        {%- endfor %}
        moves.user_id,
        moves.from_event,
        moves.to_event
    from moves
    left join activated_users on moves.user_id = activated_users.user_id
    group by moves.user_id, moves.from_event, moves.to_event

),

moves_by_name as (

    select
        {%- for scope in path_scopes() %}
        sum({{ scope }}) as {{ scope }},
        count_if({{ scope }} > 0) as {{ scope }}_users,
        {%- endfor %}
        'event_name' as state_type,
        coalesce({{ event_state('from_event') }}, 'session_start') as from_state,
        coalesce({{ event_state('to_event') }}, 'session_end') as to_state
    from moves_of_users
    group by from_event, to_event

),

categories_of_users as (

    select
        {%- for scope in path_scopes() %}
        sum(moves_of_users.{{ scope }}) as {{ scope }},
        {%- endfor %}
        moves_of_users.user_id,
        case
            when moves_of_users.from_event is null then 'session_start'
            else {{ known_category('from_taxonomy.event_category') }}
        end as from_state,
        case
            when moves_of_users.to_event is null then 'session_end'
            else {{ known_category('to_taxonomy.event_category') }}
        end as to_state
    from moves_of_users
    left join taxonomy as from_taxonomy on moves_of_users.from_event = from_taxonomy.event_name
    left join taxonomy as to_taxonomy on moves_of_users.to_event = to_taxonomy.event_name
    group by moves_of_users.user_id, from_state, to_state

),

moves_by_category as (

    select
        {%- for scope in path_scopes() %}
        sum({{ scope }}) as {{ scope }},
        count_if({{ scope }} > 0) as {{ scope }}_users,
        {%- endfor %}
        'category' as state_type,
        from_state,
        to_state
    from categories_of_users
    group by from_state, to_state

),

counted as (
    {% for scope in path_scopes() %}
    {% for moves in ['moves_by_name', 'moves_by_category'] %}
    select
        '{{ scope }}' as scope,
        state_type,
        from_state,
        to_state,
        {{ scope }} as transitions,
        {{ scope }}_users as users
    from {{ moves }}
    where {{ scope }} > 0
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    scope,
    state_type,
    from_state,
    to_state,
    cast(transitions as bigint) as transitions,
    cast(users as bigint) as users,
    cast(sum(transitions) over (partition by scope, state_type, from_state) as bigint) as transitions_from_state,
    {{ ratio('transitions', 'sum(transitions) over (partition by scope, state_type, from_state)') }} as probability
from counted
