with

assignments as (

    select * from {{ ref('fct_experiment_assignments') }}

),

variants as (

    select * from {{ ref('int_experiment_variants_declared') }}

),

summed as (

    select * from {{ ref('int_experiment_covariates_summed') }}

),

sizes as (

    select
        experiment_name,
        variant,
        count(*) as variant_users
    from assignments
    group by experiment_name, variant

),

-- A value that nobody of a variant has is a share of 0 there.
cells as (

    select distinct
        summed.experiment_name,
        summed.covariate,
        summed.covariate_value,
        variants.variant,
        variants.is_control
    from summed
    inner join variants on summed.experiment_name = variants.experiment_name

),

described as (

    select
        cells.experiment_name,
        cells.covariate,
        cells.covariate_value,
        cells.variant,
        cells.is_control,
        summed.total,
        summed.total_of_squares,
        coalesce(sizes.variant_users, 0) as variant_users,
        coalesce(summed.users, 0) as users
    from cells
    left join sizes on cells.experiment_name = sizes.experiment_name and cells.variant = sizes.variant
    left join summed
        on
            cells.experiment_name = summed.experiment_name
            and cells.variant = summed.variant
            and cells.covariate = summed.covariate
            and cells.covariate_value is not distinct from summed.covariate_value

),

means as (

    select
        *,
        case
            when covariate_value is null then total / nullif(cast(users as double), 0)
            else {{ ratio('users', 'variant_users') }}
        end as mean,
        nullif(cast(case when covariate_value is null then users else variant_users end as double), 0) as measured_users
    from described

),

spreads as (

    select
        *,
        case
            when covariate_value is null
                then greatest(total_of_squares - total * mean, 0) / nullif(cast(users - 1 as double), 0)
            else mean * (1 - mean)
        end as variance
    from means

)

select
    spreads.experiment_name,
    spreads.covariate,
    spreads.covariate_value as value,
    spreads.variant,
    spreads.is_control,
    spreads.variant_users,
    spreads.users,
    spreads.mean,
    case
        when not spreads.is_control
            then
                (spreads.mean - controls.mean)
                / nullif(sqrt((spreads.variance + controls.variance) / 2), 0)
    end as standardised_mean_difference,
    case
        when not spreads.is_control then sqrt(1 / spreads.measured_users + 1 / controls.measured_users)
    end as standard_error
from spreads
inner join spreads as controls
    on
        spreads.experiment_name = controls.experiment_name
        and spreads.covariate = controls.covariate
        and spreads.covariate_value is not distinct from controls.covariate_value
        and controls.is_control
