-- Which sessions were long but badly rated? Long: in the longest quarter; badly: a rating of 1 or 2.
with

sessions as (

    select
        *,
        percent_rank() over (order by session_length_minutes) as length_percentile
    from {{ ref('fct_activity_sessions') }}

)

select
    session_id,
    user_id,
    started_at,
    session_length_minutes,
    feedback_rating,
    messages_sent,
    resources_clicked,
    recommendation_types
from sessions
where
    length_percentile >= 0.75
    and feedback_rating <= 2
order by session_length_minutes desc, session_id asc
