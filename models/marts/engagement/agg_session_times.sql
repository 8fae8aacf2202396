with

sessions as (

    select
        {{ in_reporting_time('started_at') }} as started_locally_at,
        cast(user_engagement_score as double) as score
    from {{ ref('fct_activity_sessions') }}

)

select
    cast({{ iso_weekday('started_locally_at') }} as bigint) as iso_weekday,
    cast(extract(hour from started_locally_at) as bigint) as hour,
    count(*) as sessions,
    {{ mean('score') }} as avg_score
from sessions
group by 1, 2
