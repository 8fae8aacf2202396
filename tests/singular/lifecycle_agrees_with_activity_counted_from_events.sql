-- Who is new, returning or resurrected is active; who was active and does not return is dormant.
with

activity as (

    select
        user_id,
        event_at as active_at
    from {{ ref('int_activity_events_selected') }}

    union all

    select
        user_id,
        started_at as active_at
    from {{ ref('stg_platform__activity_sessions') }}

),

active_users as (
    {% for grain in period_grains() %}
    select
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'active_at') }} as period_start,
        count(distinct user_id) as active_users
    from activity
    where active_at <= {{ as_of('activity') }}
    group by {{ period_start(grain, 'active_at') }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

compared as (

    select
        coalesce(lifecycle.period_grain, active_users.period_grain) as period_grain,
        coalesce(lifecycle.period_start, active_users.period_start) as period_start,
        lifecycle.new_users + lifecycle.returning_users + lifecycle.resurrected_users as users_by_state,
        lifecycle.returning_users,
        lifecycle.dormant_users,
        lifecycle.active_users as active_users_of_lifecycle,
        coalesce(active_users.active_users, 0) as active_users
    from {{ ref('agg_user_lifecycle') }} as lifecycle
    full outer join active_users
        on
            lifecycle.period_grain = active_users.period_grain
            and lifecycle.period_start = active_users.period_start

),

with_the_period_before as (

    select
        *,
        coalesce(lag(active_users) over (partition by period_grain order by period_start), 0) as active_users_before
    from compared

)

select *
from with_the_period_before
where
    users_by_state is distinct from active_users
    or active_users_of_lifecycle is distinct from active_users
    or active_users_before - returning_users is distinct from dormant_users
