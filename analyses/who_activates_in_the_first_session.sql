-- Who is activated in the first session, and how? What these clients did in it, beside all others whose days are over.
with

clients as (

    select * from {{ ref('fct_first_sessions') }}
    where is_complete

)

select
    case when is_activated_in_first_session then 'activated in the first session' else 'not' end as clients_were,
    count(*) as clients,
    round(100.0 * count_if(device_type = 'mobile') / count(*), 1) as percent_mobile,
    round(median(duration_seconds) / 60, 1) as median_minutes,
    median(event_count) as median_events,
    round(100.0 * count_if(onboarding_place = 1) / count(*), 1) as percent_onboarding_first,
    round(100.0 * count_if(tutorial_place is not null) / count(*), 1) as percent_with_tutorial,
    round(100.0 * count_if(builder_place is not null) / count(*), 1) as percent_with_builder,
    round(100.0 * count_if(milestones_reached like '%ig_flow_published%') / count(*), 1) as percent_published
from clients
group by is_activated_in_first_session
order by is_activated_in_first_session desc
