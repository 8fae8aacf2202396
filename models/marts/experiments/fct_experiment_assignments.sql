{#- What is dealt counts from the moment that it is kept. Spark keeps nothing. -#}
{%- set dealt = ref('int_experiment_users_assigned') -%}
{%- set kept = ref('stg_experiments__assignments') -%}

with

experiments as (

    select * from {{ ref('experiments') }}

),

assigned as (

    select * from {{ kept if target.type == 'duckdb' else dealt }}

),

exposed as (

    select * from {{ ref('int_experiment_users_exposed') }}
    where assignment = 'exposures'

)

select
    assigned.experiment_name,
    assigned.user_id,
    assigned.variant,
    assigned.stratum,
    experiments.assignment,
    assigned.place_in_stratum,
    assigned.block_number,
    assigned.place_in_block,
    assigned.assigned_at
from assigned
inner join experiments on assigned.experiment_name = experiments.experiment_name
where experiments.assignment = 'blocks'

union all

select
    exposed.experiment_name,
    exposed.user_id,
    exposed.first_variant as variant,
    assigned.stratum,
    exposed.assignment,
    cast(null as bigint) as place_in_stratum,
    cast(null as bigint) as block_number,
    cast(null as bigint) as place_in_block,
    exposed.first_exposed_at as assigned_at
from exposed
left join assigned on exposed.experiment_name = assigned.experiment_name and exposed.user_id = assigned.user_id
