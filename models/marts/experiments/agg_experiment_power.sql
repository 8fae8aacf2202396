with

lifts as (

    select * from {{ ref('int_experiment_lifts_proposed') }}

),

sizes as (

    select * from {{ ref('int_experiment_sizes_computed') }}

)

select
    lifts.metric,
    lifts.relative_lift,
    case when lifts.is_rate then 'rate' else 'mean' end as metric_kind,
    lifts.alpha,
    lifts.power,
    lifts.users as baseline_users,
    lifts.outcome_sum as baseline_sum,
    {{ ratio('lifts.outcome_sum', 'lifts.users') }} as baseline_mean,
    sizes.users_per_variant,
    {{ ratio('lifts.users', var('experiment_power_weeks')) }} as new_users_per_week,
    {{ ratio('2 * sizes.users_per_variant', ratio('lifts.users', var('experiment_power_weeks'))) }} as weeks_needed
from lifts
left join sizes on lifts.metric = sizes.metric and lifts.relative_lift = sizes.relative_lift
