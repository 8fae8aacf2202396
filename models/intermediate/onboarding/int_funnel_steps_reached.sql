with

events as (

    select * from {{ ref('int_funnel_events_matched') }}

),

feeds as (

    select * from {{ ref('int_feeds_observed') }}

),

clients as (

    select * from {{ ref('stg_onboarding__clients') }}

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
        events.funnel_name,
        events.step_number,
        max(feeds.as_of) as as_of
    from events
    inner join feeds on events.feed = feeds.feed
    where events.step_number > 0
    group by events.funnel_name, events.step_number

),

known_funnels as (

    select
        funnel_name,
        min(as_of) as as_of
    from known_steps
    group by funnel_name

),

reached as (

    {{ funnel('events', 'funnels', 'steps') }}

),

-- The first session is how the stream of a user begins: an attempt in it is the beginning of the same attempt in all.
scoped as (

    select
        'all_sessions' as scope,
        reached.*,
        reached.excluded_place as excluded_in_scope
    from reached

    union all

    select
        'first_session' as scope,
        reached.*,
        case when reached.excluded_session_number = 1 then reached.excluded_place end as excluded_in_scope
    from reached
    where reached.session_number = 1

),

attempts as (

    select
        scoped.scope,
        scoped.funnel_name,
        scoped.user_id,
        scoped.entry_place,
        max(scoped.step_number) as furthest_step_number,
        max(scoped.place) filter (where steps.is_last_step) as last_step_place,
        min(scoped.excluded_in_scope) as excluded_place
    from scoped
    inner join steps on scoped.funnel_name = steps.funnel_name and scoped.step_number = steps.step_number
    group by scoped.scope, scoped.funnel_name, scoped.user_id, scoped.entry_place

),

judged as (

    select
        attempts.*,
        attempts.last_step_place is not null as is_converted,
        attempts.excluded_place is not null
        and not coalesce(attempts.last_step_place < attempts.excluded_place, false)
        or funnels.is_of_new_clients
        and not {{ is_new_client('clients.created_at') }} as is_excluded
    from attempts
    inner join funnels on attempts.funnel_name = funnels.funnel_name
    left join clients on attempts.user_id = clients.client_id

),

-- A user counts once: by the attempt that came furthest and was not excluded, the earliest of those.
ranked as (

    select
        *,
        row_number() over (
            partition by scope, funnel_name, user_id
            order by is_excluded asc, furthest_step_number desc nulls last, entry_place asc
        ) as choice
    from judged

)

select
    scoped.user_id,
    scoped.funnel_name,
    scoped.scope,
    scoped.step_number,
    ranked.furthest_step_number,
    ranked.is_converted,
    ranked.is_excluded,
    ranked.is_converted or scoped.closes_at <= known_funnels.as_of as is_complete,
    scoped.entered_at,
    scoped.previous_reached_at,
    scoped.reached_at
from scoped
inner join ranked
    on
        scoped.scope = ranked.scope
        and scoped.funnel_name = ranked.funnel_name
        and scoped.user_id = ranked.user_id
        and scoped.entry_place = ranked.entry_place
inner join known_funnels on scoped.funnel_name = known_funnels.funnel_name
where ranked.choice = 1
