with

assignments as (

    select * from {{ ref('int_users_clustered') }}
    where subject = 'first_sessions'

),

preferred as (

    select algorithm from {{ ref('ml_cluster_quality') }}
    where subject = 'first_sessions' and is_preferred

)

select
    assignments.user_id,
    assignments.algorithm,
    assignments.cluster,
    assignments.score,
    assignments.is_fitted,
    preferred.algorithm is not null as is_preferred,
    assignments.projection_x,
    assignments.projection_y
from assignments
left join preferred on assignments.algorithm = preferred.algorithm
