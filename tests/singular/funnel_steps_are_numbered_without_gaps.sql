-- The steps of a funnel are numbered from 1 without gaps, and all rows of a step call it the same.
with

steps as (

    select
        funnel_name,
        step_number,
        count(distinct step_name) as step_names
    from {{ ref('funnel_steps') }}
    group by funnel_name, step_number

)

select
    funnel_name,
    count(*) as steps
from steps
group by funnel_name
having
    min(step_number) != 1
    or max(step_number) != count(*)
    or max(step_names) != 1
