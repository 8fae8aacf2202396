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

first_steps as (

    select
        events.event_name,
        events.position_in_session as step_number,
        events.session_number = 1 as is_first_session,
        events.session_number <= coalesce(before_activation.session_count, 0) as is_before_activation,
        count(*) as sessions
    from events
    left join before_activation on events.user_id = before_activation.user_id
    where events.position_in_session <= {{ var('step_matrix_steps') }}
    group by
        events.event_name,
        events.position_in_session,
        is_first_session,
        is_before_activation

),

steps_by_state as (

    select
        'event_name' as state_type,
        {{ event_state('event_name') }} as state,
        first_steps.*
    from first_steps

    union all

    select
        'category' as state_type,
        {{ known_category('taxonomy.event_category') }} as state,
        first_steps.*
    from first_steps
    left join taxonomy on first_steps.event_name = taxonomy.event_name

),

taken as (
    {% for scope, condition in path_scopes().items() %}
    select
        '{{ scope }}' as scope,
        state_type,
        step_number,
        state,
        sum(sessions) as sessions
    from steps_by_state
    where {{ condition }}
    group by state_type, step_number, state
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

started as (

    select
        scope,
        state_type,
        sum(sessions) as all_sessions
    from taken
    where step_number = 1
    group by scope, state_type

),

steps as (
    {% for step in range(1, var('step_matrix_steps') + 1) %}
    select {{ step }} as step_number
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

-- A session that has ended stays ended.
ended as (

    select
        started.scope,
        started.state_type,
        steps.step_number,
        'session_end' as state,
        min(started.all_sessions) - coalesce(sum(taken.sessions), 0) as sessions
    from started
    cross join steps
    left join taken
        on
            started.scope = taken.scope
            and started.state_type = taken.state_type
            and steps.step_number = taken.step_number
    group by started.scope, started.state_type, steps.step_number

),

states as (

    select * from taken

    union all

    select * from ended
    where sessions > 0

)

select
    states.scope,
    states.state_type,
    cast(states.step_number as bigint) as step_number,
    states.state,
    cast(states.sessions as bigint) as sessions,
    cast(started.all_sessions as bigint) as all_sessions,
    {{ ratio('states.sessions', 'started.all_sessions') }} as session_share
from states
inner join started on states.scope = started.scope and states.state_type = started.state_type
