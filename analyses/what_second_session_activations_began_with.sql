-- What did those who are activated in their second session spend the first one on? Mean events of each category in it,
-- beside those who are activated in the first, later, or never.
with

clients as (

    select
        *,
        case
            when is_activated_in_first_session then '1: in session 1'
            when is_activated_in_second_session then '2: in session 2'
            when is_activated then '3: later'
            else '4: never'
        end as activated
    from {{ ref('fct_first_sessions') }}
    where is_complete

)

select
    activated,
    count(*) as clients,
    round(median(duration_seconds) / 60, 1) as median_minutes,
    round(avg(onboarding_event_count), 2) as onboarding_events,
    round(avg(tutorial_event_count), 2) as tutorial_events,
    round(avg(builder_event_count), 2) as builder_events,
    round(avg(channel_event_count), 2) as channel_events,
    round(avg(billing_event_count), 2) as billing_events,
    round(100.0 * count_if(came_back_within_a_day) / count(*), 1) as percent_back_within_a_day
from clients
group by activated
order by activated
