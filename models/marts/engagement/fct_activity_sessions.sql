with

sessions as (

    select * from {{ ref('int_activity_sessions_recommended') }}

),

components as (

    select * from {{ ref('int_activity_session_components_ranked') }}

),

weights as (

    select * from {{ ref('score_weights') }}

),

-- A click-through rate that is null has no component: it adds 0 to the score, and in the index the other
-- components share its weight.
scores as (

    select
        components.session_id,
        {{ weighted_score('components.component_value', 'weights.weight') }} as user_engagement_score
    from components
    inner join weights on components.component = weights.component
    where weights.score = 'user_engagement_score'
    group by components.session_id

),

indices as (

    select
        components.session_id,
        {{ weighted_index('components.percentile', 'weights.direction', 'weights.weight') }} as engagement_index
    from components
    inner join weights on components.component = weights.component
    where weights.score = 'engagement_index'
    group by components.session_id

)

select
    sessions.session_id,
    sessions.user_id,
    sessions.started_at,
    {{ period_start('day', 'sessions.started_at') }} as started_on,
    sessions.session_length_minutes,
    sessions.messages_sent,
    sessions.feedback_rating,
    sessions.resources_clicked,
    sessions.recommendation_count,
    sessions.recommendation_types,
    sessions.avg_recommendation_ctr,
    sessions.avg_recommendation_feedback,
    sessions.per_session_ctr,
    sessions.ctr_basis,
    scores.user_engagement_score,
    indices.engagement_index
from sessions
left join scores on sessions.session_id = scores.session_id
left join indices on sessions.session_id = indices.session_id
