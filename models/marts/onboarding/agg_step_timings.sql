with

steps_reached as (

    select * from {{ ref('int_funnel_steps_reached') }}
    where
        is_complete
        and not is_excluded

),

steps as (

    select * from {{ ref('int_funnel_steps_named') }}

),

scopes as (

    select 'all_sessions' as scope

    union all

    select 'first_session' as scope

),

-- Each step and the one before it; and the last step and the first.
pairs as (

    select
        from_steps.funnel_name,
        scopes.scope,
        from_steps.step_number as from_step_number,
        from_steps.step_name as from_step_name,
        to_steps.step_number as to_step_number,
        to_steps.step_name as to_step_name
    from steps as from_steps
    inner join steps as to_steps on from_steps.funnel_name = to_steps.funnel_name
    cross join scopes
    where
        to_steps.step_number = from_steps.step_number + 1
        or (from_steps.step_number = 1 and to_steps.is_last_step and to_steps.step_number > 2)

),

waits as (

    select
        funnel_name,
        scope,
        step_number - 1 as from_step_number,
        step_number as to_step_number,
        {{ seconds_between('previous_reached_at', 'reached_at') }} as wait_seconds
    from steps_reached
    where step_number > 1

    union all

    select
        steps_reached.funnel_name,
        steps_reached.scope,
        1 as from_step_number,
        steps_reached.step_number as to_step_number,
        {{ seconds_between('steps_reached.entered_at', 'steps_reached.reached_at') }} as wait_seconds
    from steps_reached
    inner join steps
        on steps_reached.funnel_name = steps.funnel_name and steps_reached.step_number = steps.step_number
    where
        steps.is_last_step
        and steps.step_number > 2

)

select
    pairs.funnel_name,
    pairs.scope,
    cast(pairs.from_step_number as bigint) as from_step_number,
    cast(pairs.to_step_number as bigint) as to_step_number,
    pairs.from_step_name,
    pairs.to_step_name,
    count(waits.wait_seconds) as users,
    {{ mean_seconds('waits.wait_seconds') }} as mean_seconds,
    {{ steady_seconds('percentile_cont(0.25) within group (order by waits.wait_seconds)') }} as p25_seconds,
    {{ steady_seconds('median(waits.wait_seconds)') }} as median_seconds,
    {{ steady_seconds('percentile_cont(0.75) within group (order by waits.wait_seconds)') }} as p75_seconds
from pairs
left join waits
    on
        pairs.funnel_name = waits.funnel_name
        and pairs.scope = waits.scope
        and pairs.from_step_number = waits.from_step_number
        and pairs.to_step_number = waits.to_step_number
group by
    pairs.funnel_name,
    pairs.scope,
    pairs.from_step_number,
    pairs.from_step_name,
    pairs.to_step_number,
    pairs.to_step_name
