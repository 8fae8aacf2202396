with

months as (

    select * from {{ ref('int_periods_spanned') }}
    where
        period_grain = 'month'
        and is_over

),

users as (

    select
        *,
        {{ period_index('month', 'least(created_on, first_active_on)') }} as first_month_index
    from {{ ref('int_users_profiled') }}

),

user_days as (

    select * from {{ ref('int_user_days_united') }}
    where first_active_at <= {{ as_of('activity') }}

),

-- No month is shorter than 28 days, so that the last 28 days before its end lie in it.
active_months as (

    select
        user_days.user_id,
        months.period_index,
        count(*) as active_days,
        count_if(user_days.active_on >= months.next_period_start - 28) as active_days_28,
        max({{ period_index('day', 'user_days.active_on') }}) as last_active_day
    from user_days
    inner join months on {{ period_index('month', 'user_days.active_on') }} = months.period_index
    group by user_days.user_id, months.period_index

),

user_months as (

    select
        users.user_id,
        users.created_on,
        users.birth_date,
        users.gender,
        months.period_index,
        months.period_start,
        months.next_period_start,
        months.is_complete,
        coalesce(active_months.active_days, 0) as active_days_in_month,
        coalesce(active_months.active_days_28, 0) as active_days_28,
        active_months.last_active_day
    from users
    inner join months on users.first_month_index <= months.period_index
    left join active_months
        on users.user_id = active_months.user_id and months.period_index = active_months.period_index

)

select
    user_id,
    period_index,
    period_start as month_start,
    is_complete,
    gender,
    {{ age_on('birth_date', 'next_period_start - 1') }} as age,
    coalesce(created_on < next_period_start, false) as is_registered,
    coalesce(created_on >= period_start and created_on < next_period_start, false) as is_registered_in_month,
    active_days_in_month > 0 as is_active,
    {{ period_index('day', 'next_period_start') }} - {{ period_index('day', 'created_on') }} as tenure_days,
    {{ period_index('day', 'next_period_start') }} - max(last_active_day) over so_far as days_since_active,
    sum(active_days_in_month) over so_far as active_days,
    active_days_28,
    count_if(active_days_in_month > 0) over so_far as active_months
from user_months
window so_far as (partition by user_id order by period_index rows unbounded preceding)
