with

checked as (

    select * from {{ ref('base_platform__user_activity') }}

)

select
    session_id,
    user_id,
    timestamp as started_at,
    session_length as session_length_minutes,
    messages_sent,
    feedback_rating,
    resources_clicked
from checked
where outcome = 'accepted'
