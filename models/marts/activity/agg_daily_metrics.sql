with

days as (

    select * from {{ ref('int_periods_spanned') }}
    where period_grain = 'day'

),

active_users as (

    select * from {{ ref('agg_active_users') }}
    where period_grain = 'day'

),

events as (

    select * from {{ ref('int_events_sessionized') }}

),

taxonomy as (

    select * from {{ ref('event_taxonomy') }}
    where is_chat_initiation

),

chats as (

    select
        events.session_id,
        {{ period_start('day', 'min(events.event_at)') }} as begun_on
    from events
    inner join taxonomy on events.event_name = taxonomy.event_name
    group by events.session_id

),

chats_of_days as (

    select
        begun_on,
        count(*) as chats
    from chats
    group by begun_on

),

counted as (

    select
        'active_users' as metric,
        period_start as date,
        active_users as value
    from active_users
    where is_complete

    union all

    -- What is known of chats may end before what is known of other activity.
    select
        'chats' as metric,
        days.period_start as date,
        coalesce(chats_of_days.chats, 0) as value
    from days
    left join chats_of_days on days.period_start = chats_of_days.begun_on
    where days.next_period_start <= {{ in_reporting_time(as_of('chat_initiation')) }}

),

-- The spine of days begins with the first registration, perhaps years before anything could be seen to happen.
beginnings as (

    select
        metric,
        min(date) as first_date
    from counted
    where value > 0
    group by metric

)

select
    counted.metric,
    counted.date,
    counted.value
from counted
inner join beginnings on counted.metric = beginnings.metric
where counted.date >= beginnings.first_date
