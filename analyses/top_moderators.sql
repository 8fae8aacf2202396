-- Who are the best moderators, and do the two scores agree on them?
select
    moderator_id,
    index_rank,
    score_rank,
    round(moderator_performance_index, 1) as performance_index,
    moderator_performance_score as performance_score,
    chat_sessions_moderated,
    avg_response_seconds,
    user_satisfaction_score
from {{ ref('fct_moderator_performance') }}
order by index_rank, moderator_id
limit 20
