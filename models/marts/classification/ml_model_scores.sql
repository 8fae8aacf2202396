with

scored as (

    select * from {{ ref('int_models_scored') }}
    where part = 'score'

)

select
    target,
    model,
    split,
    metric,
    value,
    ci_low,
    ci_high,
    baseline,
    gain,
    gain_low,
    gain_high,
    beats_baseline,
    metric in ('mse', 'brier') as is_decisive,
    is_chosen,
    examples,
    users
from scored
