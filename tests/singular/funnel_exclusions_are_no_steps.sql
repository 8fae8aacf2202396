-- What removes a user from a funnel is none of its steps.
select
    funnel_exclusions.funnel_name,
    funnel_exclusions.event_name
from {{ ref('funnel_exclusions') }} as funnel_exclusions
inner join {{ ref('funnel_steps') }} as funnel_steps
    on
        funnel_exclusions.funnel_name = funnel_steps.funnel_name
        and funnel_exclusions.event_name = funnel_steps.event_name
