with

bins as (

    select * from {{ ref('int_models_scored') }}
    where part = 'bin'

),

chosen as (

    select distinct
        target,
        model
    from {{ ref('int_models_scored') }}
    where is_chosen

),

totals as (

    select
        *,
        examples * mean_prediction as predicted_total,
        examples * observed as observed_total,
        sum(examples) over (partition by target, model) as all_examples,
        sum(examples * observed) over (partition by target, model) as all_observed,
        sum(examples) over from_the_top as examples_from_top,
        sum(examples * observed) over from_the_top as observed_from_top
    from bins
    window from_the_top as (partition by target, model order by bin desc)

)

select
    totals.target,
    totals.model,
    totals.bin,
    totals.examples,
    totals.mean_prediction,
    totals.observed,
    totals.predicted_total,
    {{ steady('totals.observed_total') }} as observed_total,
    {{ steady(ratio('totals.observed', ratio('totals.all_observed', 'totals.all_examples'))) }} as lift,
    {{ ratio('totals.examples_from_top', 'totals.all_examples') }} as share_of_examples_from_top,
    {{ steady(ratio('totals.observed_from_top', 'totals.all_observed')) }} as share_of_outcome_from_top,
    chosen.model is not null as is_chosen
from totals
left join chosen on totals.target = chosen.target and totals.model = chosen.model
