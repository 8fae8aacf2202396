-- Two steps of a funnel take the same events or have none in common; in a funnel of any order they have none in common.
with

funnels as (

    select * from {{ ref('funnels') }}

),

funnel_steps as (

    select * from {{ ref('funnel_steps') }}

),

sizes as (

    select
        funnel_name,
        step_number,
        count(*) as events
    from funnel_steps
    group by funnel_name, step_number

),

shared as (

    select
        earlier.funnel_name,
        earlier.step_number as earlier_step_number,
        later.step_number as later_step_number,
        count(*) as events
    from funnel_steps as earlier
    inner join funnel_steps as later
        on
            earlier.funnel_name = later.funnel_name
            and earlier.event_name = later.event_name
            and earlier.step_number < later.step_number
    group by earlier.funnel_name, earlier.step_number, later.step_number

)

select
    shared.funnel_name,
    shared.earlier_step_number,
    shared.later_step_number
from shared
inner join funnels on shared.funnel_name = funnels.funnel_name
inner join sizes as earlier_sizes
    on shared.funnel_name = earlier_sizes.funnel_name and shared.earlier_step_number = earlier_sizes.step_number
inner join sizes as later_sizes
    on shared.funnel_name = later_sizes.funnel_name and shared.later_step_number = later_sizes.step_number
where
    funnels.kind = 'any_order'
    or shared.events != earlier_sizes.events
    or shared.events != later_sizes.events
