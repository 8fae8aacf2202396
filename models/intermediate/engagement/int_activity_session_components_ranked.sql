with

sessions as (

    select * from {{ ref('int_activity_sessions_recommended') }}

),

components as (

    select
        session_id,
        'session_length_minutes' as component,
        'all sessions' as peers,
        session_length_minutes as component_value
    from sessions

    union all

    select
        session_id,
        'messages_sent' as component,
        'all sessions' as peers,
        messages_sent as component_value
    from sessions

    union all

    select
        session_id,
        'feedback_rating' as component,
        'all sessions' as peers,
        feedback_rating as component_value
    from sessions

    union all

    select
        session_id,
        'resources_clicked' as component,
        'all sessions' as peers,
        resources_clicked as component_value
    from sessions

    union all

    -- Clicks per minute and clicks per recommendation are two scales: each is ranked among its own.
    select
        session_id,
        'per_session_ctr' as component,
        case when recommendation_count = 0 then 'without recommendations' else 'with recommendations' end as peers,
        per_session_ctr as component_value
    from sessions
    where per_session_ctr is not null

)

select
    session_id,
    component,
    peers,
    component_value,
    {{ percentile_among('component_value', peers='component, peers') }} as percentile
from components
