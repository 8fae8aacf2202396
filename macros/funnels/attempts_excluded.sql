{% macro attempts_excluded(attempts, events) -%}
lined_up_for_exclusion as (

    select
        attempts.*,
        0 as step_number,
        attempts.entered_at as event_at,
        attempts.entry_place as place,
        null as session_number,
        true as is_seeker
    from {{ attempts }} as attempts
    where attempts.funnel_name in (select funnel_name from {{ events }} where step_number = 0)
    union all
    select
        funnel_name, kind, user_id, null, null, null, null, step_number, event_at, place, session_number, false
    from {{ events }}
    where step_number = 0

),

followed_by_exclusion as (

    select
        *,
        {{ earliest_from('place') }} as excluded_place,
        {{ earliest_from('session_number') }} as excluded_session_number,
        {{ earliest_from('event_at') }} as excluded_at
    from lined_up_for_exclusion

),

attempts_excluded as (

    select
        funnel_name, user_id, entry_place, excluded_place, excluded_session_number
    from followed_by_exclusion
    where
        is_seeker
        and excluded_at <= closes_at

)
{%- endmacro %}
