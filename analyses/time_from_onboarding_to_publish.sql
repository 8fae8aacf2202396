-- How long does it take from onboarding to the publish attempt, with the tutorial and without, and how many manage it?
-- Users whose window is over; quartiles of those who got there.
with

timings as (

    select * from {{ ref('agg_step_timings') }}

),

steps as (

    select * from {{ ref('agg_funnel_steps') }}

),

last_steps as (

    select
        funnel_name,
        scope,
        complete_users_of_first as users,
        complete_users as users_who_got_there,
        conversion_from_first,
        step_number
    from steps
    where funnel_name in ('onboarding_to_publish', 'publish_without_tutorial', 'onboarding_straight_to_publish')
    qualify step_number = max(step_number) over (partition by funnel_name, scope)

)

select
    case last_steps.funnel_name
        when 'onboarding_to_publish' then 'by way of the tutorial'
        when 'publish_without_tutorial' then 'without the tutorial'
        else 'either way'
    end as way,
    last_steps.scope,
    last_steps.users,
    last_steps.users_who_got_there,
    round(100 * last_steps.conversion_from_first, 1) as got_there_percent,
    round(timings.p25_seconds / 60, 1) as p25_minutes,
    round(timings.median_seconds / 60, 1) as median_minutes,
    round(timings.p75_seconds / 60, 1) as p75_minutes
from last_steps
inner join timings
    on
        last_steps.funnel_name = timings.funnel_name
        and last_steps.scope = timings.scope
        and timings.from_step_number = 1
        and last_steps.step_number = timings.to_step_number
order by way, last_steps.scope
