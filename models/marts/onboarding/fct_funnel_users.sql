with

steps_reached as (

    select * from {{ ref('int_funnel_steps_reached') }}

),

steps as (

    select * from {{ ref('int_funnel_steps_named') }}

)

select
    steps_reached.funnel_name,
    steps_reached.scope,
    steps_reached.user_id,
    steps.step_name as furthest_step_name,
    steps_reached.step_number as furthest_step_number,
    {{ seconds_between('steps_reached.entered_at', 'steps_reached.reached_at') }} as seconds_to_furthest_step,
    steps_reached.is_converted,
    steps_reached.is_excluded,
    steps_reached.is_complete,
    steps_reached.entered_at,
    steps_reached.reached_at as furthest_step_at
from steps_reached
inner join steps
    on steps_reached.funnel_name = steps.funnel_name and steps_reached.step_number = steps.step_number
where steps_reached.step_number = steps_reached.furthest_step_number
