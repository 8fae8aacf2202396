{{ config(materialized='view') }}

with

exposures as (

    select * from {{ ref('stg_experiments__exposures') }}

),

experiments as (

    select * from {{ ref('experiments') }}

),

variants as (

    select * from {{ ref('int_experiment_variants_declared') }}

),

judged as (

    select
        exposures.*,
        experiments.assignment,
        experiments.experiment_name is not null as is_known_experiment,
        variants.variant is not null as is_known_variant,
        coalesce(
            exposures.exposed_at >= experiments.starts_at and exposures.exposed_at < experiments.ends_at, false
        ) as is_in_time
    from exposures
    left join experiments on exposures.experiment_name = experiments.experiment_name
    left join variants
        on exposures.experiment_name = variants.experiment_name and exposures.variant = variants.variant

)

select
    exposure_id,
    experiment_name,
    user_id,
    variant,
    exposed_at,
    assignment,
    is_known_experiment,
    is_known_variant,
    is_in_time,
    is_known_variant and is_in_time as is_valid
from judged
