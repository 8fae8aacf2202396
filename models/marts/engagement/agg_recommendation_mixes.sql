with

sessions as (

    select
        coalesce(recommendation_types, 'none') as recommendation_types,
        cast(user_engagement_score as double) as score
    from {{ ref('fct_activity_sessions') }}

)

select
    recommendation_types,
    count(*) as sessions,
    {{ mean('score') }} as avg_score,
    percentile_cont(0.25) within group (order by score) as p25_score,
    median(score) as median_score,
    percentile_cont(0.75) within group (order by score) as p75_score
from sessions
group by recommendation_types
