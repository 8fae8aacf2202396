with

assignments as (

    select * from {{ ref('fct_experiment_assignments') }}

)

select
    experiment_name,
    user_id,
    stratum,
    count(*) over (partition by experiment_name, stratum) as stratum_users,
    stratum = 'other' as is_merged,
    assigned_at
from assignments
