{% macro funnel(events, funnels, steps) -%}
with

attempts as (

    select
        events.funnel_name,
        events.kind,
        events.user_id,
        min(events.place) as entry_place,
        min(events.session_number) as entry_session_number,
        min(events.event_at) as entered_at,
        {{ days_later('min(events.event_at)', 'min(funnels.window_days)') }} as closes_at
    from {{ events }} as events
    inner join {{ funnels }} as funnels on events.funnel_name = funnels.funnel_name
    where
        events.step_number = 1
        or (events.kind = 'any_order' and events.step_number > 1)
    group by
        events.funnel_name,
        events.kind,
        events.user_id,
        case when funnels.is_every_touch then events.place end

),

{{ attempts_excluded('attempts', events) }},

{{ steps_in_order('attempts', events, steps) }},

{{ steps_in_any_order('attempts', events, steps) }},

reached as (

    select * from steps_in_order
    union all
    select * from steps_in_any_order

)

select
    reached.*,
    attempts_excluded.excluded_place,
    attempts_excluded.excluded_session_number
from reached
left join attempts_excluded
    on
        reached.funnel_name = attempts_excluded.funnel_name
        and reached.user_id = attempts_excluded.user_id
        and reached.entry_place = attempts_excluded.entry_place
{%- endmacro %}
