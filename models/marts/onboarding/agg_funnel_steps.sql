with

steps_reached as (

    select * from {{ ref('int_funnel_steps_reached') }}

),

steps as (

    select * from {{ ref('int_funnel_steps_named') }}

),

timings as (

    select * from {{ ref('agg_step_timings') }}

),

scopes as (

    select 'all_sessions' as scope

    union all

    select 'first_session' as scope

),

scoped_steps as (

    select
        scopes.scope,
        steps.*
    from steps
    cross join scopes

),

counted as (

    select
        funnel_name,
        scope,
        step_number,
        count_if(not is_excluded) as users,
        count_if(not is_excluded and is_complete) as complete_users,
        count_if(is_excluded) as excluded_users
    from steps_reached
    group by funnel_name, scope, step_number

),

beside_others as (

    select
        scoped_steps.funnel_name,
        scoped_steps.scope,
        scoped_steps.step_number,
        scoped_steps.step_name,
        coalesce(counted.users, 0) as users,
        coalesce(counted.excluded_users, 0) as excluded_users,
        coalesce(counted.complete_users, 0) as complete_users,
        lag(coalesce(counted.complete_users, 0)) over funnel as complete_users_of_previous,
        first_value(coalesce(counted.complete_users, 0)) over funnel as complete_users_of_first
    from scoped_steps
    left join counted
        on
            scoped_steps.funnel_name = counted.funnel_name
            and scoped_steps.scope = counted.scope
            and scoped_steps.step_number = counted.step_number
    window funnel as (
        partition by scoped_steps.funnel_name, scoped_steps.scope
        order by scoped_steps.step_number nulls last
    )

)

select
    beside_others.funnel_name,
    beside_others.scope,
    beside_others.step_number,
    beside_others.step_name,
    cast(beside_others.users as bigint) as users,
    cast(beside_others.excluded_users as bigint) as excluded_users,
    cast(beside_others.complete_users as bigint) as complete_users,
    cast(beside_others.complete_users_of_previous as bigint) as complete_users_of_previous,
    cast(beside_others.complete_users_of_first as bigint) as complete_users_of_first,
    {{ ratio('beside_others.complete_users', 'beside_others.complete_users_of_previous') }} as conversion_from_previous,
    {{ ratio('beside_others.complete_users', 'beside_others.complete_users_of_first') }} as conversion_from_first,
    timings.p25_seconds as p25_seconds_from_previous,
    timings.median_seconds as median_seconds_from_previous,
    timings.p75_seconds as p75_seconds_from_previous
from beside_others
left join timings
    on
        beside_others.funnel_name = timings.funnel_name
        and beside_others.scope = timings.scope
        and beside_others.step_number = timings.to_step_number
        and beside_others.step_number = timings.from_step_number + 1
