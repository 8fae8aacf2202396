with

cutoffs as (

    select * from {{ ref('int_cutoffs_spanned') }}

),

-- Those of the four weeks before a cut-off, and a week more, which tells a session that began earlier from a new one.
events as (

    select * from {{ ref('int_event_versions_dated') }}
    where
        week_index >= (select min(week_index) - 5 from cutoffs)
        and week_index < (select max(week_index) from cutoffs)

),

preceded as (

    select
        *,
        lag(event_at) over in_time as previous_event_at
    from events
    window in_time as (partition by user_id order by event_at, event_id, seen_week)

),

-- The sessions of all versions together: what is known at a cut-off cuts them further, and never joins two of them.
chained as (

    select
        *,
        sum(case when {{ is_same_session('previous_event_at', 'event_at') }} then 0 else 1 end) over (
            partition by user_id
            order by event_at, event_id, seen_week
            rows unbounded preceding
        ) as chain_number
    from preceded

),

chains as (

    select
        user_id,
        chain_number,
        min(week_index) as week_index,
        min(seen_week) as seen_week,
        max(seen_week) as last_seen_week,
        count(replaced_week) as replaced_count
    from chained
    group by user_id, chain_number

),

-- Where not all became known in the same week, sessions are cut anew at each cut-off.
known as (

    select
        chained.user_id,
        chained.chain_number,
        chained.event_at,
        chained.week_index,
        cutoffs.week_index as cutoff_week,
        lag(chained.event_at) over (
            partition by chained.user_id, chained.chain_number, cutoffs.week_index
            order by chained.event_at, chained.event_id, chained.seen_week
        ) as previous_event_at
    from chained
    inner join chains on chained.user_id = chains.user_id and chained.chain_number = chains.chain_number
    inner join cutoffs
        on
            chained.seen_week < cutoffs.week_index
            and (chained.replaced_week is null or chained.replaced_week >= cutoffs.week_index)
            and chained.week_index >= cutoffs.week_index - 5
    where chains.seen_week < chains.last_seen_week or chains.replaced_count > 0

),

counted as (

    select
        user_id,
        week_index,
        seen_week,
        cast(null as bigint) as replaced_week
    from chains
    where seen_week = last_seen_week and replaced_count = 0

    union all

    select
        user_id,
        week_index,
        cutoff_week - 1 as seen_week,
        cutoff_week as replaced_week
    from known
    where previous_event_at is null or not {{ is_same_session('previous_event_at', 'event_at') }}

)

select
    user_id,
    week_index,
    seen_week,
    replaced_week,
    count(*) as session_count
from counted
group by user_id, week_index, seen_week, replaced_week
