{% macro steps_in_order(attempts, events, steps) -%}
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
{{ step_in_order(step, events, steps) }},
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
