with

checked as (

    select * from {{ ref('base_platform__recommendations') }}

)

select
    recommendation_id,
    user_id,
    recommendation_type,
    click_through_rate,
    feedback_score
from checked
where outcome = 'accepted'
