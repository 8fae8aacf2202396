with

variants as (

    select * from {{ ref('int_experiment_variants_declared') }}

),

assignments as (

    select * from {{ ref('fct_experiment_assignments') }}

),

exposed as (

    select * from {{ ref('int_experiment_users_exposed') }}

),

counted as (

    select
        assignments.experiment_name,
        assignments.variant,
        count(*) as assigned_users,
        count(exposed.user_id) as exposed_users
    from assignments
    left join exposed
        on assignments.experiment_name = exposed.experiment_name and assignments.user_id = exposed.user_id
    group by assignments.experiment_name, assignments.variant

)

select
    variants.experiment_name,
    variants.variant_number,
    variants.variant,
    variants.weight,
    coalesce(counted.assigned_users, 0) as assigned_users,
    coalesce(counted.exposed_users, 0) as exposed_users
from variants
left join counted on variants.experiment_name = counted.experiment_name and variants.variant = counted.variant
