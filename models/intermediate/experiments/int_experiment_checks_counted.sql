with

experiments as (

    select * from {{ ref('experiments') }}

),

assignments as (

    select * from {{ ref('fct_experiment_assignments') }}

),

exposures as (

    select * from {{ ref('int_experiment_exposures_judged') }}

),

known_exposures as (

    select * from exposures
    where is_known_variant

),

-- Everybody who is assigned or saw something that the experiment has.
users as (

    select
        coalesce(assignments.experiment_name, seen.experiment_name) as experiment_name,
        coalesce(assignments.user_id, seen.user_id) as user_id,
        count(assignments.user_id) > 0 as is_assigned,
        coalesce(bool_or(seen.is_valid), false) as is_exposed,
        coalesce(bool_or(seen.exposed_at < assignments.assigned_at), false) as is_exposed_before,
        coalesce(bool_or(seen.is_valid and seen.variant != assignments.variant), false) as is_exposed_to_another,
        count(distinct case when seen.is_valid then seen.variant end) as variants_seen
    from assignments
    full outer join known_exposures as seen
        on assignments.experiment_name = seen.experiment_name and assignments.user_id = seen.user_id
    group by
        coalesce(assignments.experiment_name, seen.experiment_name),
        coalesce(assignments.user_id, seen.user_id)

),

user_counts as (

    select
        experiment_name,
        count_if(is_assigned) as assigned,
        count_if(is_exposed) as exposed,
        count_if(is_assigned and is_exposed_before) as exposed_before,
        count_if(variants_seen > 1) as in_two_variants,
        count_if(is_exposed_to_another) as exposed_to_another,
        count_if(is_assigned and not is_exposed) as never_exposed,
        count_if(is_exposed and not is_assigned) as not_assigned
    from users
    group by experiment_name

),

exposure_counts as (

    select
        experiment_name,
        count(*) as exposures,
        count_if(not is_known_experiment) as of_unknown_experiment,
        count_if(is_known_experiment and not is_known_variant) as of_unknown_variant,
        count_if(is_known_experiment and not is_in_time) as out_of_time
    from exposures
    group by experiment_name

),

named as (

    select experiment_name from experiments
    union distinct
    select experiment_name from exposure_counts

),

counted as (
    {% for check in experiment_checks() %}
    select
        named.experiment_name,
        '{{ check.name }}' as check_name,
        '{{ check.unit }}' as unit,
        cast(coalesce({{ check.affected }}, 0) as bigint) as affected,
        cast(coalesce({{ check.out_of }}, 0) as bigint) as out_of
    from named
    left join user_counts on named.experiment_name = user_counts.experiment_name
    left join exposure_counts on named.experiment_name = exposure_counts.experiment_name
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
)

select
    counted.experiment_name,
    counted.check_name,
    counted.unit,
    counted.affected,
    counted.out_of
from counted
left join experiments on counted.experiment_name = experiments.experiment_name
where (experiments.experiment_name is null) = (counted.check_name = 'unknown_experiment')
