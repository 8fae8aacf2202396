{% set estimate = [
    'absolute', 'absolute_low', 'absolute_high', 'relative', 'relative_low', 'relative_high', 'p_value'
] %}

with

variants as (

    select * from {{ ref('int_experiment_variants_declared') }}

),

moments as (

    select * from {{ ref('int_experiment_moments_summed') }}

),

tested as (

    select * from {{ ref('int_experiment_readouts_tested') }}

),

sample_ratios as (

    select * from {{ ref('int_sample_ratios_tested') }}

),

metrics as (
    {% for metric in experiment_metrics() %}
    select
        '{{ metric.name }}' as metric,
        {{ metric.is_rate }} as is_rate
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

controls as (

    select
        experiment_name,
        variant
    from variants
    where is_control

),

-- Every variant that is declared, seen or not.
summed as (

    select
        variants.experiment_name,
        metrics.metric,
        variants.variant,
        metrics.is_rate,
        variants.is_control,
        variants.variant_number,
        coalesce(sum(moments.exposed_users), 0) as exposed_users,
        coalesce(sum(moments.users), 0) as users,
        coalesce(sum(moments.outcome_sum), 0) as outcome_sum
    from variants
    cross join metrics
    left join moments
        on
            variants.experiment_name = moments.experiment_name
            and variants.variant = moments.variant
            and metrics.metric = moments.metric
    group by
        variants.experiment_name,
        metrics.metric,
        variants.variant,
        metrics.is_rate,
        variants.is_control,
        variants.variant_number

)

select
    summed.experiment_name,
    summed.metric,
    summed.variant,
    controls.variant as control_variant,
    summed.is_control,
    summed.variant_number,
    case when summed.is_rate then 'rate' else 'mean' end as metric_kind,
    cast(summed.exposed_users as bigint) as exposed_users,
    cast(summed.users as bigint) as users,
    cast(summed.outcome_sum as bigint) as outcome_sum,
    {{ ratio('summed.outcome_sum', 'summed.users') }} as outcome_mean,
    tested.test,
    {%- for column in estimate %}
    tested.{{ column }},
    {%- endfor %}
    tested.q_value,
    tested.q_value <= {{ var('experiment_alpha') }} as is_significant,
    {%- for column in estimate %}
    tested.stratified_{{ column }},
    {%- endfor %}
    tested.stratified_users,
    {%- for column in estimate %}
    tested.cuped_{{ column }},
    {%- endfor %}
    tested.cuped_variance_reduction,
    sample_ratios.p_value as sample_ratio_p_value,
    sample_ratios.p_value < {{ var('sample_ratio_alarm') }} as is_split_broken
from summed
inner join controls on summed.experiment_name = controls.experiment_name
left join tested
    on
        summed.experiment_name = tested.experiment_name
        and summed.metric = tested.metric
        and summed.variant = tested.variant
left join sample_ratios on summed.experiment_name = sample_ratios.experiment_name
