with

days as (

    select * from {{ ref('int_periods_spanned') }}
    where period_grain = 'day'

),

active_days as (

    select * from {{ ref('int_user_periods_compared') }}
    where period_grain = 'day'

),

active_users as (

    select
        period_index,
        count(*) as dau,
        min(period_index) over () as first_period_index
    from active_days
    group by period_index

),

-- Who is active stays counted for as many days as the window has. So a user enters with the first active day of a row
-- of them that has no longer gaps, and leaves so many days after its last: two edges, however long the window is.
edges as (
    {% for window_days in [7, 28] %}
    select
        period_index,
        {{ window_days }} as window_days,
        1 as users
    from active_days
    where
        previous_period_index is null
        or previous_period_index < period_index - {{ window_days }}

    union all

    select
        period_index + {{ window_days }} as period_index,
        {{ window_days }} as window_days,
        -1 as users
    from active_days
    where
        next_period_index is null
        or next_period_index > period_index + {{ window_days }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

changes as (

    select
        period_index,
        sum(case when window_days = 7 then users else 0 end) as change_7d,
        sum(case when window_days = 28 then users else 0 end) as change_28d
    from edges
    group by period_index

),

counted as (

    select
        days.period_start,
        days.period_index,
        days.is_complete,
        coalesce(active_users.dau, 0) as dau,
        cast(sum(coalesce(changes.change_7d, 0)) over timeline as bigint) as active_7d,
        cast(sum(coalesce(changes.change_28d, 0)) over timeline as bigint) as active_28d,
        min(active_users.first_period_index) over timeline as first_period_index
    from days
    left join active_users on days.period_index = active_users.period_index
    left join changes on days.period_index = changes.period_index
    window timeline as (order by days.period_index rows unbounded preceding)

)

select
    period_start as date,
    dau,
    active_7d,
    active_28d,
    {{ ratio('dau', 'active_28d') }} as stickiness,
    is_complete and coalesce(period_index >= first_period_index + 27, false) as is_complete
from counted
