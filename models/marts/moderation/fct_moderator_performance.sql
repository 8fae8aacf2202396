with

moderators as (

    select * from {{ ref('stg_platform__moderators') }}

),

components as (

    select * from {{ ref('int_moderator_components_ranked') }}

),

weights as (

    select * from {{ ref('score_weights') }}

),

scores as (

    select
        components.moderator_id,
        {{ weighted_score('components.component_value', 'weights.weight') }} as moderator_performance_score
    from components
    inner join weights on components.component = weights.component
    where weights.score = 'moderator_performance_score'
    group by components.moderator_id

),

indices as (

    select
        components.moderator_id,
        {{ weighted_index('components.percentile', 'weights.direction', 'weights.weight') }}
            as moderator_performance_index
    from components
    inner join weights on components.component = weights.component
    where weights.score = 'moderator_performance_index'
    group by components.moderator_id

)

select
    moderators.moderator_id,
    moderators.chat_sessions_moderated,
    moderators.avg_response_seconds,
    moderators.user_satisfaction_score,
    scores.moderator_performance_score,
    indices.moderator_performance_index,
    cast(rank() over (order by scores.moderator_performance_score desc nulls last) as bigint) as score_rank,
    cast(rank() over (order by indices.moderator_performance_index desc nulls last) as bigint) as index_rank
from moderators
left join scores on moderators.moderator_id = scores.moderator_id
left join indices on moderators.moderator_id = indices.moderator_id
