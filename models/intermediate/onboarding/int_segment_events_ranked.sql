with

segments as (

    select * from {{ ref('int_first_sessions_segmented') }}

),

happenings as (

    select * from {{ ref('int_first_session_events_counted') }}
    where not is_milestone

),

sizes as (

    select
        segment,
        count(*) as users
    from segments
    group by segment

),

everybody as (

    select count(*) as users from segments

),

by_segment as (

    select
        segments.segment,
        happenings.event_name,
        count(*) as users
    from happenings
    inner join segments on happenings.user_id = segments.user_id
    group by segments.segment, happenings.event_name

),

overall as (

    select
        event_name,
        sum(users) as users
    from by_segment
    group by event_name

),

-- The lift is one division of whole numbers: equal lifts are the same number, and go by users and name.
lifts as (

    select
        by_segment.segment,
        by_segment.event_name,
        by_segment.users,
        sizes.users as segment_users,
        {{ ratio('by_segment.users', 'sizes.users') }} as share_of_segment,
        {{ ratio('overall.users', 'everybody.users') }} as share_of_all,
        {{ ratio('by_segment.users * everybody.users', 'sizes.users * overall.users') }} as lift
    from by_segment
    inner join sizes on by_segment.segment = sizes.segment
    inner join overall on by_segment.event_name = overall.event_name
    cross join everybody

)

select
    segment,
    event_name,
    users,
    segment_users,
    share_of_segment,
    share_of_all,
    lift,
    row_number() over (
        partition by segment
        order by lift desc nulls last, users desc, event_name asc
    ) as place
from lifts
where share_of_segment >= {{ var('typical_event_min_share') }}
