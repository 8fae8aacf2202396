with

recommendations as (

    select * from {{ ref('stg_platform__recommendations') }}

),

types_of_users as (

    select distinct
        user_id,
        recommendation_type
    from recommendations

),

mixes as (

    select
        user_id,
        {{ sorted_list('recommendation_type') }} as recommendation_types
    from types_of_users
    group by user_id

),

summaries as (

    select
        user_id,
        count(*) as recommendation_count,
        {{ mean('click_through_rate') }} as avg_recommendation_ctr,
        {{ mean('feedback_score') }} as avg_recommendation_feedback
    from recommendations
    group by user_id

)

select
    summaries.user_id,
    mixes.recommendation_types,
    summaries.recommendation_count,
    summaries.avg_recommendation_ctr,
    summaries.avg_recommendation_feedback
from summaries
inner join mixes on summaries.user_id = mixes.user_id
