with

predicted as (

    select * from {{ ref('int_users_predicted') }}

)

select
    user_id,
    cutoff_at,
    target,
    prediction,
    model,
    is_baseline,
    learned_users
from predicted
