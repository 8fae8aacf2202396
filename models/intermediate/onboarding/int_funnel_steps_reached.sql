with

matched as (

    select * from {{ ref('int_funnel_events_matched') }}

),

feeds as (

    select * from {{ ref('int_feeds_observed') }}

),

funnels as (

    select * from {{ ref('funnels') }}

),

steps as (

    select * from {{ ref('int_funnel_steps_named') }}

),

-- A step is known as far as the feeds reach that it is seen in; a funnel as far as each of its steps.
known_steps as (

    select
        matched.funnel_name,
        matched.step_number,
        max(feeds.as_of) as as_of
    from matched
    inner join feeds on matched.feed = feeds.feed
    where matched.step_number > 0
    group by matched.funnel_name, matched.step_number

),

known_funnels as (

    select
        funnel_name,
        min(as_of) as as_of
    from known_steps
    group by funnel_name

),

events as (

    select
        'all_sessions' as scope,
        *
    from matched

    union all

    select
        'first_session' as scope,
        *
    from matched
    where is_first_session

),

reached as (

    {{ funnel('events', 'funnels', 'steps') }}

),

attempts as (

    select
        reached.scope,
        reached.funnel_name,
        reached.user_id,
        reached.entry_place,
        max(reached.step_number) as furthest_step_number,
        max(reached.place) filter (where steps.is_last_step) as last_step_place,
        min(reached.excluded_place) as excluded_place
    from reached
    inner join steps on reached.funnel_name = steps.funnel_name and reached.step_number = steps.step_number
    group by reached.scope, reached.funnel_name, reached.user_id, reached.entry_place

),

judged as (

    select
        *,
        last_step_place is not null as is_converted,
        excluded_place is not null and not coalesce(last_step_place < excluded_place, false) as is_excluded
    from attempts

),

-- A user counts once: by the attempt that came furthest and was not excluded, the earliest of those.
ranked as (

    select
        *,
        row_number() over (
            partition by scope, funnel_name, user_id
            order by is_excluded, furthest_step_number desc nulls last, entry_place
        ) as choice
    from judged

)

select
    reached.user_id,
    reached.funnel_name,
    reached.scope,
    reached.step_number,
    ranked.furthest_step_number,
    ranked.is_converted,
    ranked.is_excluded,
    ranked.is_converted or reached.closes_at <= known_funnels.as_of as is_complete,
    reached.entered_at,
    reached.reached_at
from reached
inner join ranked
    on
        reached.scope = ranked.scope
        and reached.funnel_name = ranked.funnel_name
        and reached.user_id = ranked.user_id
        and reached.entry_place = ranked.entry_place
inner join known_funnels on reached.funnel_name = known_funnels.funnel_name
where ranked.choice = 1
