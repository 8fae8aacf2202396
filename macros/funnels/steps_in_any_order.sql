{% macro steps_in_any_order(attempts, events, steps) -%}
lined_up_for_any_step as (

    select
        attempts.*,
        steps.step_number,
        attempts.entered_at as event_at,
        attempts.entry_place as place,
        null as session_number,
        true as is_seeker
    from {{ attempts }} as attempts
    inner join {{ steps }} as steps on attempts.funnel_name = steps.funnel_name
    where attempts.kind = 'any_order'
    union all
    select
        funnel_name, kind, user_id, null, null, null, null, step_number, event_at, place, session_number, false
    from {{ events }}
    where
        kind = 'any_order'
        and step_number > 0

),

followed_by_any_step as (

    select
        *,
        {{ earliest_from('place') }} as reached_place,
        {{ earliest_from('session_number') }} as reached_session_number,
        {{ earliest_from('event_at') }} as reached_at
    from lined_up_for_any_step

),

steps_in_any_order as (

    select
        funnel_name,
        user_id,
        entry_place,
        entered_at,
        closes_at,
        row_number() over attempt as step_number,
        reached_place as place,
        reached_session_number as session_number,
        lag(reached_at) over attempt as previous_reached_at,
        reached_at
    from followed_by_any_step
    where
        is_seeker
        and reached_at <= closes_at
    window attempt as (partition by funnel_name, user_id, entry_place order by reached_place nulls last)

)
{%- endmacro %}
