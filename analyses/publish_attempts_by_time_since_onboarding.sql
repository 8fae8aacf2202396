-- How soon after onboarding comes the publish attempt: within ten minutes, an hour, a day, a week, or the whole window?
-- Shares are of all who began the onboarding and whose window is over.
with

entrants as (

    select
        scope,
        case when is_converted then seconds_to_furthest_step end as seconds_to_publish
    from {{ ref('fct_funnel_users') }}
    where
        funnel_name = 'onboarding_straight_to_publish'
        and is_complete
        and not is_excluded

),

limits as (
    {% for minutes, limit in [(10, '10 minutes'), (60, 'an hour'), (1440, 'a day'), (10080, 'a week')] %}
    select
        {{ minutes }} as minutes,
        '{{ limit }}' as time_limit
    union all
    {% endfor %}
    select
        null as minutes,
        'the window' as time_limit

),

counted as (

    select
        entrants.scope,
        limits.minutes,
        limits.time_limit,
        count(*) as users,
        count_if(entrants.seconds_to_publish <= coalesce(60 * limits.minutes, entrants.seconds_to_publish)) as published
    from entrants
    cross join limits
    group by entrants.scope, limits.minutes, limits.time_limit

)

select
    scope,
    time_limit,
    users,
    published,
    round(100 * {{ ratio('published', 'users') }}, 1) as published_percent
from counted
order by scope, minutes nulls last
