with

sessions as (

    select * from {{ ref('stg_platform__activity_sessions') }}

),

recommendations as (

    select * from {{ ref('int_recommendations_summarized') }}

),

joined as (

    select
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        sessions.session_length_minutes,
        sessions.messages_sent,
        sessions.feedback_rating,
        sessions.resources_clicked,
        recommendations.recommendation_types,
        recommendations.avg_recommendation_ctr,
        recommendations.avg_recommendation_feedback,
        coalesce(recommendations.recommendation_count, 0) as recommendation_count
    from sessions
    left join recommendations on sessions.user_id = recommendations.user_id

),

based as (

    select
        *,
        case
            when recommendation_count = 0 then 'per_minute'
            when resources_clicked = 0 then 'no_clicks'
            else 'per_recommendation'
        end as ctr_basis
    from joined

)

select
    *,
    case ctr_basis
        when 'per_minute' then {{ ratio('resources_clicked', 'session_length_minutes') }}
        when 'no_clicks' then 0
        else {{ ratio('resources_clicked', 'recommendation_count') }}
    end as per_session_ctr
from based
