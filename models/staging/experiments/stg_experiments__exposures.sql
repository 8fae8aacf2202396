with

checked as (

    select * from {{ ref('base_experiments__experiment_exposures') }}

)

select
    {{ hashed_id(['experiment_name', 'user_id', 'variant', microseconds('exposed_at')]) }} as exposure_id,
    experiment_name,
    user_id,
    variant,
    exposed_at
from checked
where outcome = 'accepted'
