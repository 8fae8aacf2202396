with

periods as (

    select * from {{ ref('int_loyalty_periods_spanned') }}
    where period_grain in ('day', 'month')

),

transactions as (

    select * from {{ ref('fct_point_transactions') }}
    where transaction_at <= {{ as_of('loyalty') }}

),

placed as (
    {% for grain in ['day', 'month'] %}
    select
        *,
        '{{ grain }}' as period_grain,
        {{ period_index(grain, 'transaction_on') }} as period_index
    from transactions
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

summed as (

    select
        period_grain,
        period_index,
        count(*) as transaction_count,
        count(distinct user_id) as users,
        {%- for type, column in point_columns().items() %}
        {{ points_of(type) }} as {{ column }}_points,
        count(distinct case when transaction_type = '{{ type }}' then user_id end) as {{ column }}_users,
        {%- endfor %}
        count_if(is_overdraft) as overdrafts,
        sum(signed_points) as net_points
    from placed
    group by period_grain, period_index

),

active_users as (

    select
        period_grain,
        period_index,
        user_id
    from {{ ref('int_user_periods_compared') }}

),

users_with_points as (

    select distinct
        period_grain,
        period_index,
        user_id
    from placed

),

participation as (

    select
        active_users.period_grain,
        active_users.period_index,
        count(*) as active_users,
        count(users_with_points.user_id) as participating_users
    from active_users
    left join users_with_points
        on
            active_users.period_grain = users_with_points.period_grain
            and active_users.period_index = users_with_points.period_index
            and active_users.user_id = users_with_points.user_id
    where active_users.period_grain in ('day', 'month')
    group by active_users.period_grain, active_users.period_index

)

select
    periods.period_grain,
    periods.period_start,
    coalesce(summed.transaction_count, 0) as transaction_count,
    coalesce(summed.users, 0) as users,
    {%- for column in point_columns().values() %}
    coalesce(summed.{{ column }}_points, 0) as {{ column }}_points,
    coalesce(summed.{{ column }}_users, 0) as {{ column }}_users,
    {%- endfor %}
    cast(coalesce(summed.overdrafts, 0) as bigint) as overdrafts,
    cast(
        sum(coalesce(summed.net_points, 0)) over (
            partition by periods.period_grain
            order by periods.period_index
            rows unbounded preceding
        ) as bigint
    ) as outstanding_points,
    {{ ratio('summed.redeemed_points', 'summed.accrued_points') }} as redemption_rate,
    {{ ratio('summed.expired_points', 'summed.accrued_points') }} as breakage_rate,
    coalesce(participation.active_users, 0) as active_users,
    coalesce(participation.participating_users, 0) as participating_users,
    {{ ratio('participation.participating_users', 'participation.active_users') }} as participation_rate,
    periods.is_complete
from periods
left join summed
    on periods.period_grain = summed.period_grain and periods.period_index = summed.period_index
left join participation
    on periods.period_grain = participation.period_grain and periods.period_index = participation.period_index
