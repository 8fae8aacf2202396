with

sessions as (

    select * from {{ ref('fct_activity_sessions') }}

),

periods as (
    {% for grain in ['week', 'month'] %}
    select
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'started_at') }} as period_start,
        user_id,
        cast(user_engagement_score as double) as score,
        engagement_index
    from sessions
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
)

select
    period_grain,
    period_start,
    count(*) as sessions,
    count(distinct user_id) as users,
    {{ mean('score') }} as avg_score,
    median(score) as median_score,
    {{ mean('engagement_index') }} as avg_index
from periods
group by period_grain, period_start
