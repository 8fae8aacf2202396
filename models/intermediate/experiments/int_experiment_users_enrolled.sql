with

assignments as (

    select * from {{ ref('fct_experiment_assignments') }}

),

exposures as (

    select * from {{ ref('int_experiment_exposures_judged') }}
    where is_valid

),

variants as (

    select * from {{ ref('int_experiment_variants_declared') }}

),

-- Whatever variant was seen: who was assigned one and saw another counts where they were assigned.
exposed as (

    select
        assignments.experiment_name,
        assignments.user_id,
        min(exposures.exposed_at) as first_exposed_at
    from assignments
    inner join exposures
        on
            assignments.experiment_name = exposures.experiment_name
            and assignments.user_id = exposures.user_id
            and assignments.assigned_at <= exposures.exposed_at
    group by assignments.experiment_name, assignments.user_id

)

select
    assignments.experiment_name,
    assignments.user_id,
    assignments.variant,
    variants.is_control,
    assignments.stratum,
    exposed.first_exposed_at
from assignments
inner join exposed
    on assignments.experiment_name = exposed.experiment_name and assignments.user_id = exposed.user_id
inner join variants
    on assignments.experiment_name = variants.experiment_name and assignments.variant = variants.variant
