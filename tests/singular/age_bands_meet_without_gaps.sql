-- The first band begins with age 0, each next one where the one before it ends.
with

bands as (

    select
        age_band,
        start_age,
        end_age,
        lag(end_age, 1, 0) over (order by start_age) as previous_end_age
    from {{ ref('age_bands') }}
    where age_band != 'unknown'

)

select *
from bands
where
    start_age is distinct from previous_end_age
    or end_age is null
    or end_age <= start_age
