with

user_months as (

    select * from {{ ref('fct_user_segments_monthly') }}

),

counted as (

    select
        month_start,
        segment,
        count(*) as users,
        cast(count_if(is_active) as bigint) as active_users
    from user_months
    group by month_start, segment

)

select
    month_start,
    segment,
    users,
    active_users,
    cast(sum(users) over (partition by month_start) as bigint) as all_users,
    {{ ratio('users', 'sum(users) over (partition by month_start)') }} as user_share
from counted
