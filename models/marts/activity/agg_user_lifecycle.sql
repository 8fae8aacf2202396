with

periods as (

    select * from {{ ref('int_periods_spanned') }}

),

user_periods as (

    select * from {{ ref('int_user_periods_classified') }}

),

users as (

    select * from {{ ref('int_users_profiled') }}
    where created_on is not null

),

states as (

    select
        period_grain,
        period_index,
        count_if(lifecycle_state = 'new') as new_users,
        count_if(lifecycle_state = 'returning') as returning_users,
        count_if(lifecycle_state = 'resurrected') as resurrected_users,
        count_if(lifecycle_state = 'dormant') as dormant_users,
        count_if(lifecycle_state != 'dormant') as active_users
    from user_periods
    group by period_grain, period_index

),

-- A registered user waits to be active from the registration to the first activity, if that is not earlier.
waits as (
    {% for grain in period_grains() %}
    select
        '{{ grain }}' as period_grain,
        {{ period_index(grain, 'created_on') }} as period_index,
        1 as users
    from users

    union all

    select
        '{{ grain }}' as period_grain,
        {{ period_index(grain, 'greatest(created_on, first_active_on)') }} as period_index,
        -1 as users
    from users
    where first_active_on is not null
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

waiting as (

    select
        period_grain,
        period_index,
        sum(users) as users
    from waits
    group by period_grain, period_index

)

select
    periods.period_grain,
    periods.period_start,
    cast(coalesce(states.new_users, 0) as bigint) as new_users,
    cast(coalesce(states.returning_users, 0) as bigint) as returning_users,
    cast(coalesce(states.resurrected_users, 0) as bigint) as resurrected_users,
    cast(coalesce(states.dormant_users, 0) as bigint) as dormant_users,
    cast(coalesce(states.active_users, 0) as bigint) as active_users,
    cast(
        sum(coalesce(waiting.users, 0)) over (
            partition by periods.period_grain
            order by periods.period_index
            rows unbounded preceding
        ) as bigint
    ) as never_active_users,
    periods.is_complete
from periods
left join states
    on periods.period_grain = states.period_grain and periods.period_index = states.period_index
left join waiting
    on periods.period_grain = waiting.period_grain and periods.period_index = waiting.period_index
