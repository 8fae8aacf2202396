with

exposures as (

    select * from {{ ref('int_experiment_exposures_judged') }}
    where is_valid

),

-- Of two variants at the very same moment a hash decides, which favours neither.
ordered as (

    select
        *,
        row_number() over (
            partition by experiment_name, user_id
            order by exposed_at, exposure_id
        ) as place
    from exposures

)

select
    experiment_name,
    user_id,
    assignment,
    max(case when place = 1 then variant end) as first_variant,
    min(exposed_at) as first_exposed_at,
    count(*) as exposures,
    count(distinct variant) as variants_seen
from ordered
group by experiment_name, user_id, assignment
