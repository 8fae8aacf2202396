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

steps_by_name as (

    select
        {%- for scope, condition in path_scopes().items() %}
        count_if({{ condition }}) as {{ scope }},
        {%- endfor %}
        'event_name' as state_type,
        events.event_name,
        {{ event_state('events.event_name') }} as state,
        events.position_in_session as step_number
    from events
    left join activated_users on events.user_id = activated_users.user_id
    where events.position_in_session <= {{ var('step_matrix_steps') }}
    group by events.event_name, events.position_in_session

),

steps_by_category as (

    select
        {%- for scope in path_scopes() %}
        sum(steps_by_name.{{ scope }}) as {{ scope }},
        {%- endfor %}
        'category' as state_type,
        {{ known_category('taxonomy.event_category') }} as state,
        steps_by_name.step_number
    from steps_by_name
    left join taxonomy on steps_by_name.event_name = taxonomy.event_name
    group by {{ known_category('taxonomy.event_category') }}, steps_by_name.step_number

),

taken as (
    {% for scope in path_scopes() %}
    {% for steps in ['steps_by_name', 'steps_by_category'] %}
    select
        '{{ scope }}' as scope,
        state_type,
        step_number,
        state,
        {{ scope }} as sessions
    from {{ steps }}
    where {{ scope }} > 0
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
    {% if not loop.last %}union all{% endif %}
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
