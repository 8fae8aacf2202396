with

events as (

    select * from {{ ref('int_events_sessionized') }}
    where feed != 'milestones'

),

milestones as (

    select * from {{ ref('int_milestones') }}
    where not is_trial_side_effect

),

sessions_of_milestones as (

    select * from {{ ref('int_milestones_sessionized') }}

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

timeline as (

    select
        event_id,
        user_id,
        event_name,
        feed,
        session_number,
        event_at
    from events

    union all

    select
        milestones.event_id,
        milestones.user_id,
        milestones.event_name,
        'milestones' as feed,
        sessions_of_milestones.{{ shown_reading() }}_session_number,
        milestones.reached_at as event_at
    from milestones
    inner join sessions_of_milestones on milestones.event_id = sessions_of_milestones.event_id

),

named as (

    select distinct event_name from roles

),

-- Whatever such a user does may stand between two steps of a strict funnel.
strict_users as (

    select distinct timeline.user_id
    from timeline
    inner join roles on timeline.event_name = roles.event_name and roles.step_number = 1
    inner join funnels on roles.funnel_name = funnels.funnel_name and funnels.kind = 'strict'

),

counting as (

    select timeline.*
    from timeline
    left join named on timeline.event_name = named.event_name
    left join strict_users on timeline.user_id = strict_users.user_id
    where
        named.event_name is not null
        or strict_users.user_id is not null

),

in_line as (

    select
        *,
        row_number() over (partition by user_id order by event_at, event_id) as place
    from counting

)

select
    in_line.event_id,
    in_line.user_id,
    roles.funnel_name,
    funnels.kind,
    in_line.feed,
    cast(roles.step_number as bigint) as step_number,
    in_line.place,
    cast(in_line.session_number as bigint) as session_number,
    in_line.event_at
from in_line
inner join roles on in_line.event_name = roles.event_name
inner join funnels on roles.funnel_name = funnels.funnel_name
