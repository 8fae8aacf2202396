with

milestones as (

    select
        *,
        row_number() over (order by event_id) as milestone_number
    from {{ ref('fct_milestones') }}
    where is_new_client

),

events as (

    select * from {{ ref('int_events_sessionized') }}
    where feed != 'milestones'

),

event_names as (

    select distinct event_name from events

),

nearest_on_each_side as (

    select
        milestones.milestone_number,
        events.event_name,
        max(case when events.event_at < milestones.reached_at then events.event_at end) as last_before_at,
        min(case when events.event_at >= milestones.reached_at then events.event_at end) as next_at
    from milestones
    inner join events on milestones.user_id = events.user_id
    group by milestones.milestone_number, events.event_name

),

waits as (

    select
        milestones.milestone,
        nearest_on_each_side.event_name,
        {{ seconds_between('nearest_on_each_side.last_before_at', 'milestones.reached_at') }} as seconds_since_last,
        {{ seconds_between('milestones.reached_at', 'nearest_on_each_side.next_at') }} as seconds_until_next
    from nearest_on_each_side
    inner join milestones on nearest_on_each_side.milestone_number = milestones.milestone_number

),

lags as (

    select
        milestone,
        event_name,
        case
            when seconds_since_last is null or seconds_until_next < seconds_since_last then seconds_until_next
            else -seconds_since_last
        end as lag_seconds
    from waits

),

matches as (

    select
        milestone,
        event_name,
        count(*) as matched,
        count_if(abs(lag_seconds) <= 60) as matched_within_60s,
        median(lag_seconds) as median_lag_seconds
    from lags
    group by milestone, event_name

),

totals as (

    select
        milestone,
        count(*) as milestones
    from milestones
    group by milestone

)

select
    totals.milestone,
    event_names.event_name,
    totals.milestones,
    coalesce(matches.matched, 0) as matched,
    cast(coalesce(matches.matched_within_60s, 0) as bigint) as matched_within_60s,
    cast({{ steady_seconds('matches.median_lag_seconds') }} as double) as median_lag_seconds,
    {{ ratio('matches.matched_within_60s', 'matches.matched') }} as share_within_60s
from totals
cross join event_names
left join matches on totals.milestone = matches.milestone and event_names.event_name = matches.event_name
