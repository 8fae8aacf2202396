with

users as (

    select * from {{ ref('int_users_profiled') }}

),

-- What came after as_of is not known yet.
user_days as (

    select
        user_days.*,
        users.created_at,
        users.created_on
    from {{ ref('int_user_days_united') }} as user_days
    inner join users on user_days.user_id = users.user_id
    where user_days.first_active_at <= {{ as_of('activity') }}

),

periods as (
    {% for grain in period_grains() %}
    select
        '{{ grain }}' as period_grain,
        user_id,
        {{ period_index(grain, 'active_on') }} as period_index,
        min({{ period_index(grain, 'created_on') }}) as created_period_index,
        min(created_at) as created_at,
        max(last_active_at) as last_active_at
    from user_days
    group by user_id, {{ period_index(grain, 'active_on') }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
)

select
    user_id,
    period_grain,
    period_index,
    created_period_index,
    lag(period_index) over user_periods as previous_period_index,
    lead(period_index) over user_periods as next_period_index,
    min(period_index) over user_periods as first_period_index,
    created_at,
    last_active_at
from periods
window user_periods as (partition by user_id, period_grain order by period_index)
