-- In every period, and for every attribute that has values.
with

by_attribute as (

    select
        period_grain,
        period_start,
        attribute,
        sum(active_users) as active_users,
        sum(active_new_users) as active_new_users,
        sum(new_users) as new_users,
        sum(returning_users) as returning_users,
        sum(resurrected_users) as resurrected_users,
        sum(dormant_users) as dormant_users
    from {{ ref('agg_activity_by_attribute') }}
    group by period_grain, period_start, attribute

)

select
    active_users.period_grain,
    active_users.period_start,
    by_attribute.attribute
from {{ ref('agg_active_users') }} as active_users
inner join {{ ref('agg_user_lifecycle') }} as lifecycle
    on
        active_users.period_grain = lifecycle.period_grain
        and active_users.period_start = lifecycle.period_start
left join by_attribute
    on
        active_users.period_grain = by_attribute.period_grain
        and active_users.period_start = by_attribute.period_start
where
    active_users.active_users != coalesce(by_attribute.active_users, 0)
    or active_users.active_new_users != coalesce(by_attribute.active_new_users, 0)
    or lifecycle.new_users != coalesce(by_attribute.new_users, 0)
    or lifecycle.returning_users != coalesce(by_attribute.returning_users, 0)
    or lifecycle.resurrected_users != coalesce(by_attribute.resurrected_users, 0)
    or lifecycle.dormant_users != coalesce(by_attribute.dormant_users, 0)
