with

outcomes as (

    select * from {{ ref('int_experiment_outcomes_observed') }}

),

measured as (
    {% for metric in experiment_metrics() %}
    select
        experiment_name,
        stratum,
        variant,
        is_control,
        '{{ metric.name }}' as metric,
        {{ metric.is_rate }} as is_rate,
        is_complete_{{ metric.name }} as is_complete,
        {{ metric.name }} as outcome,
        case when is_complete_{{ metric.name }} then {{ metric.name }}_before end as covariate
    from outcomes
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
)

-- What is not complete has neither outcome nor covariate here.
select
    experiment_name,
    metric,
    stratum,
    variant,
    is_rate,
    is_control,
    count(*) as exposed_users,
    cast(count_if(is_complete) as bigint) as users,
    cast(coalesce(sum(outcome), 0) as bigint) as outcome_sum,
    cast(coalesce(sum(outcome * outcome), 0) as bigint) as outcome_square_sum,
    cast(coalesce(sum(covariate), 0) as bigint) as covariate_sum,
    cast(coalesce(sum(covariate * covariate), 0) as bigint) as covariate_square_sum,
    cast(coalesce(sum(outcome * covariate), 0) as bigint) as product_sum,
    cast({{ 1 - var('experiment_alpha') }} as double) as confidence,
    cast({{ var('chi_squared_from') }} as double) as least_in_cell
from measured
group by experiment_name, metric, stratum, variant, is_rate, is_control
