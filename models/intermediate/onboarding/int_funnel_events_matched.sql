with

events as (

    select * from {{ ref('int_events_sessionized') }}

),

funnels as (

    select * from {{ ref('funnels') }}

),

funnel_steps as (

    select * from {{ ref('funnel_steps') }}

),

funnel_exclusions as (

    select * from {{ ref('funnel_exclusions') }}

),

-- An exclusion stands as step 0.
roles as (

    select
        funnel_name,
        step_number,
        event_name
    from funnel_steps

    union all

    select
        funnel_name,
        0 as step_number,
        event_name
    from funnel_exclusions

),

named as (

    select distinct
        funnels.funnel_name,
        funnels.kind,
        roles.event_name
    from roles
    inner join funnels on roles.funnel_name = funnels.funnel_name

),

-- In a strict funnel every event of whoever enters it counts: it may stand between two steps.
strict_users as (

    select distinct
        roles.funnel_name,
        events.user_id
    from events
    inner join roles on events.event_name = roles.event_name and roles.step_number = 1
    inner join funnels on roles.funnel_name = funnels.funnel_name and funnels.kind = 'strict'

),

counting as (

    select
        named.funnel_name,
        named.kind,
        events.*
    from events
    inner join named on events.event_name = named.event_name
    where named.kind != 'strict'

    union all

    select
        strict_users.funnel_name,
        'strict' as kind,
        events.*
    from events
    inner join strict_users on events.user_id = strict_users.user_id

),

in_line as (

    select
        *,
        row_number() over (partition by funnel_name, user_id order by event_at, event_id) as place
    from counting

)

select
    in_line.event_id,
    in_line.user_id,
    in_line.funnel_name,
    in_line.kind,
    in_line.feed,
    cast(roles.step_number as bigint) as step_number,
    in_line.place,
    in_line.session_number = 1 as is_first_session,
    in_line.event_at
from in_line
inner join roles on in_line.funnel_name = roles.funnel_name and in_line.event_name = roles.event_name
