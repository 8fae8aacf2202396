{% macro steps_in_order(attempts, events, steps) -%}
{%- set attempt = ['scope', 'funnel_name', 'user_id', 'entry_place', 'entered_at', 'closes_at', 'kind'] -%}
{%- set places = ['place_1'] -%}
step_1 as (

    select
        {{ attempt | join(', ') }},
        entry_place as place_1,
        entered_at as reached_at
    from {{ attempts }}
    where kind != 'any_order'

),
{% for step in range(2, var('funnel_max_steps') + 1) %}
lined_up_for_step_{{ step }} as (

    select
        {% for column in attempt + places %}reached.{{ column }}, {% endfor %}
        steps.step_number,
        reached.reached_at as event_at,
        {{ first_place_to_seek(step) }} as place,
        true as is_seeker
    from step_{{ step - 1 }} as reached
    inner join {{ steps }} as steps on reached.funnel_name = steps.funnel_name and steps.step_number = {{ step }}
    union all
    select
        scope, funnel_name, user_id, null, null, null, null, {{ 'null, ' * (step - 1) }}step_number, event_at, place, false
    from {{ events }}
    where step_number = {{ step }}

),

followed_by_step_{{ step }} as (

    select
        *,
        {{ earliest_from('place') }} as place_{{ step }},
        {{ earliest_from('event_at') }} as reached_at
    from lined_up_for_step_{{ step }}

),
{% do places.append('place_' ~ step) %}
step_{{ step }} as (

    select {{ (attempt + places) | join(', ') }}, reached_at from followed_by_step_{{ step }}
    where
        is_seeker
        and reached_at <= closes_at
        and (kind != 'strict' or place_{{ step }} = place_{{ step - 1 }} + 1)

),
{% endfor %}
steps_in_order as (
    {% for step in range(1, var('funnel_max_steps') + 1) %}
    select
        {{ attempt | join(', ') }}, cast({{ step }} as bigint) as step_number, place_{{ step }} as place, reached_at
    from step_{{ step }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)
{%- endmacro %}
