with

recommendations as (

    select * from {{ ref('stg_platform__recommendations') }}

)

select
    recommendation_type,
    count(*) as total_recommended,
    count(distinct user_id) as users_reached,
    {{ to_two_places('avg(feedback_score)') }} as avg_feedback_score,
    {{ to_two_places('avg(click_through_rate)') }} as avg_ctr
from recommendations
group by recommendation_type
