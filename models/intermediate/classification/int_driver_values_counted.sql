with

users as (

    select * from {{ ref('int_newcomers_observed') }}

),

described as (

    select
        user_id,
        attribute,
        attribute_value
    from {{ ref('int_new_users_described') }}
    where attribute != 'all'

    union all

    select
        user_id,
        'income_band' as attribute,
        income_band as attribute_value
    from users

),

totals as (

    select
        count(*) as all_users,
        cast(count_if(is_engaged) as bigint) as all_engaged
    from users

),

counted as (

    select
        described.attribute,
        described.attribute_value,
        count(*) as users,
        cast(count_if(users.is_engaged) as bigint) as engaged_users
    from users
    inner join described on users.user_id = described.user_id
    group by described.attribute, described.attribute_value

),

-- Users with and without the value, engaged and not: four cells, in none of which all users are.
compared as (

    select
        counted.*,
        totals.*,
        {{ ratio(
            'least(counted.users, totals.all_users - counted.users)'
                ~ ' * least(totals.all_engaged, totals.all_users - totals.all_engaged)',
            'totals.all_users'
        ) }} as smallest_expected_count
    from counted
    cross join totals

)

select
    attribute,
    attribute_value,
    users,
    engaged_users,
    all_users,
    all_engaged,
    case
        when smallest_expected_count = 0 then null
        when smallest_expected_count < {{ var('chi_squared_from') }} then 'fisher_exact'
        else 'chi_squared'
    end as test,
    cast(all_users as double) * power(cast(engaged_users * all_users - users * all_engaged as double), 2)
    / nullif(
        cast(users * (all_users - users) as double) * cast(all_engaged * (all_users - all_engaged) as double), 0
    ) as chi_squared
from compared
