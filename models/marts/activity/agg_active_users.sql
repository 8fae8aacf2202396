with

periods as (

    select * from {{ ref('int_periods_spanned') }}

),

user_periods as (

    select * from {{ ref('int_user_periods_classified') }}
    where lifecycle_state != 'dormant'

),

users as (

    select * from {{ ref('int_users_profiled') }}
    where created_on is not null

),

activity as (

    select
        period_grain,
        period_index,
        count(*) as active_users,
        count_if(registration_state = 'new') as active_new_users,
        count_if(registration_state = 'existing') as active_existing_users,
        count_if(registration_state = 'unknown') as active_unknown_users
    from user_periods
    group by period_grain, period_index

),

registrations as (
    {% for grain in period_grains() %}
    select
        '{{ grain }}' as period_grain,
        {{ period_index(grain, 'created_on') }} as period_index,
        count(*) as registrations
    from users
    group by {{ period_index(grain, 'created_on') }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
)

select
    periods.period_grain,
    periods.period_start,
    coalesce(activity.active_users, 0) as active_users,
    cast(coalesce(activity.active_new_users, 0) as bigint) as active_new_users,
    cast(coalesce(activity.active_existing_users, 0) as bigint) as active_existing_users,
    cast(coalesce(activity.active_unknown_users, 0) as bigint) as active_unknown_users,
    coalesce(registrations.registrations, 0) as registrations,
    {{ ratio('coalesce(activity.active_new_users, 0)', 'activity.active_users') }} as new_to_active_rate,
    periods.is_complete
from periods
left join activity
    on periods.period_grain = activity.period_grain and periods.period_index = activity.period_index
left join registrations
    on periods.period_grain = registrations.period_grain and periods.period_index = registrations.period_index
