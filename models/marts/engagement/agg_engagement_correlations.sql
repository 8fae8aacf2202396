{% set session_metrics = [
    'session_length_minutes', 'messages_sent', 'feedback_rating', 'resources_clicked', 'per_session_ctr',
    'user_engagement_score',
] %}
{% set moderator_metrics = ['chat_sessions_moderated', 'avg_response_seconds', 'user_satisfaction_score'] %}

with

sessions as (

    {{ ranked_beside(ref('fct_activity_sessions'), session_metrics) }}

),

moderators as (

    {{ ranked_beside(ref('fct_moderator_performance'), moderator_metrics) }}

)

{{ correlations_of('sessions', 'sessions', session_metrics) }}

union all

{{ correlations_of('moderators', 'moderators', moderator_metrics) }}
