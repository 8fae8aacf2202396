{% macro steps_in_order(attempts, events, steps) -%}
{%- set places = ['place_1'] -%}
step_1 as (

    select
        attempts.*,
        entry_place as place_1,
        entry_session_number as session_number,
        cast(null as timestamp) as previous_reached_at,
        entered_at as reached_at
    from {{ attempts }} as attempts
    where kind != 'any_order'

),
{% for step in range(2, var('funnel_max_steps') + 1) %}
lined_up_for_step_{{ step }} as (

    select
        {% for column in attempt_columns() + places %}reached.{{ column }}, {% endfor %}
        steps.step_number,
        reached.reached_at as event_at,
        {{ first_place_to_seek(step) }} as place,
        null as session_number,
        true as is_seeker
    from step_{{ step - 1 }} as reached
    inner join {{ steps }} as steps on reached.funnel_name = steps.funnel_name and steps.step_number = {{ step }}
    union all
    select
        funnel_name, kind, user_id, null, null, null, null, {{ 'null, ' * (step - 1) }}step_number, event_at, place,
        session_number, false
    from {{ events }}
    where
        kind != 'any_order'
        and step_number = {{ step }}

),

followed_by_step_{{ step }} as (

    select
        {{ (attempt_columns() + places) | join(', ') }},
        is_seeker,
        event_at as previous_reached_at,
        {{ earliest_from('place') }} as place_{{ step }},
        {{ earliest_from('session_number') }} as session_number,
        {{ earliest_from('event_at') }} as reached_at
    from lined_up_for_step_{{ step }}

),
{% do places.append('place_' ~ step) %}
step_{{ step }} as (

    select * from followed_by_step_{{ step }}
    where
        is_seeker
        and reached_at <= closes_at
        and (kind != 'strict' or place_{{ step }} = place_{{ step - 1 }} + 1)

),
{% endfor %}
steps_in_order as (
    {% for step in range(1, var('funnel_max_steps') + 1) %}
    select
        funnel_name, user_id, entry_place, entered_at, closes_at, cast({{ step }} as bigint) as step_number,
        place_{{ step }} as place, session_number, previous_reached_at, reached_at
    from step_{{ step }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)
{%- endmacro %}
