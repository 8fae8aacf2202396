{% macro step_in_order(step, events, steps) -%}
{%- set places = [] -%}
{%- for earlier in range(1, step) -%}
{%- do places.append('place_' ~ earlier) -%}
{%- endfor -%}
lined_up_for_step_{{ step }} as (

    select
        reached.{{ (attempt_columns() + places) | join(', reached.') }},
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

step_{{ step }} as (

    select * from followed_by_step_{{ step }}
    where
        is_seeker
        and reached_at <= closes_at
        and (kind != 'strict' or place_{{ step }} = place_{{ step - 1 }} + 1)

)
{%- endmacro %}
