with

moderators as (

    select * from {{ ref('stg_platform__moderators') }}

),

components as (

    select
        moderator_id,
        'chat_sessions_moderated' as component,
        chat_sessions_moderated as component_value
    from moderators

    union all

    select
        moderator_id,
        'avg_response_seconds' as component,
        avg_response_seconds as component_value
    from moderators

    union all

    select
        moderator_id,
        'user_satisfaction_score' as component,
        user_satisfaction_score as component_value
    from moderators

)

select
    moderator_id,
    component,
    component_value,
    {{ percentile_among('component_value', peers='component') }} as percentile
from components
