-- From week 0 on every week belongs to one stage.
with

stages as (

    select
        *,
        lag(end_week) over (order by start_week) as previous_end_week,
        row_number() over (order by start_week) as place,
        count(*) over () as stage_count
    from {{ ref('tenure_stages') }}

)

select
    tenure_stage,
    start_week,
    end_week
from stages
where
    (place = 1 and start_week != 0)
    or (place > 1 and (previous_end_week is null or previous_end_week != start_week))
    or (place = stage_count and end_week is not null)
