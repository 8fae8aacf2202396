with

user_months as (

    select
        *,
        lag(segment) over (partition by user_id order by month_start) as previous_segment
    from {{ ref('fct_user_segments_monthly') }}

),

-- Who has a month has all that follow, so that only the first has none before.
counted as (

    select
        month_start,
        coalesce(previous_segment, 'not known yet') as from_segment,
        segment as to_segment,
        count(*) as users
    from user_months
    group by month_start, coalesce(previous_segment, 'not known yet'), segment

)

select
    month_start,
    from_segment,
    to_segment,
    users,
    cast(sum(users) over (partition by month_start, from_segment) as bigint) as users_from_segment,
    {{ ratio('users', 'sum(users) over (partition by month_start, from_segment)') }} as migration_rate
from counted
