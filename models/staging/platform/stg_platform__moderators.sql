with

checked as (

    select * from {{ ref('base_platform__moderator_performance') }}

)

select
    moderator_id,
    chat_sessions_moderated,
    avg_response_time as avg_response_seconds,
    user_satisfaction_score
from checked
where outcome = 'accepted'
