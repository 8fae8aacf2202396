with

funnels as (

    select * from {{ ref('funnels') }}

),

funnel_steps as (

    select * from {{ ref('funnel_steps') }}

),

-- Steps that take the same events, which must not be taken by the same one of them.
steps as (

    select
        later.funnel_name,
        later.step_number,
        min(later.step_name) as step_name,
        max(earlier.step_number) as alike_step_number
    from funnel_steps as later
    left join funnel_steps as earlier
        on
            later.funnel_name = earlier.funnel_name
            and later.event_name = earlier.event_name
            and later.step_number > earlier.step_number
    group by later.funnel_name, later.step_number

)

select
    steps.funnel_name,
    funnels.kind,
    cast(steps.step_number as bigint) as step_number,
    case when funnels.kind = 'any_order' then 'any ' || steps.step_number else steps.step_name end as step_name,
    cast(steps.alike_step_number as bigint) as alike_step_number,
    steps.step_number = max(steps.step_number) over (partition by steps.funnel_name) as is_last_step
from steps
inner join funnels on steps.funnel_name = funnels.funnel_name
