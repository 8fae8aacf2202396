-- Segments, ways between them and demographics count the same users of a month; its active ones are those of activity.
with

segments as (

    select
        month_start,
        sum(users) as users,
        sum(active_users) as active_users
    from {{ ref('agg_segment_distribution') }}
    group by month_start

),

ways as (

    select
        month_start,
        sum(users) as users
    from {{ ref('agg_segment_migration') }}
    group by month_start

),

people as (

    select
        month_start,
        sum(users) as users,
        sum(active_users) as active_users,
        sum(registrations) as registrations
    from {{ ref('agg_demographics_monthly') }}
    group by month_start

),

activity as (

    select * from {{ ref('agg_active_users') }}
    where
        period_grain = 'month'
        and is_complete

)

select activity.period_start
from activity
left join segments on activity.period_start = segments.month_start
left join ways on activity.period_start = ways.month_start
left join people on activity.period_start = people.month_start
where
    segments.users is distinct from ways.users
    or segments.users is distinct from people.users
    or segments.active_users is distinct from activity.active_users
    or people.active_users is distinct from activity.active_users
    or people.registrations is distinct from activity.registrations
