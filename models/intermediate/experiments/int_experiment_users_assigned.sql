{{ config(post_hook=once_written('{{ keep_dealt(this) }}')) }}

with

experiments as (

    select * from {{ ref('experiments') }}

),

variants as (

    select * from {{ ref('int_experiment_variants_declared') }}

),

queued as (

    select * from {{ ref('int_experiment_users_queued') }}

),

placed as (

    select
        queued.*,
        experiments.salt,
        {{ whole_quotient('queued.place_in_stratum - 1', 'variants.block_size') }} + 1 as block_number,
        (queued.place_in_stratum - 1) % variants.block_size + 1 as place_in_block
    from queued
    inner join experiments on queued.experiment_name = experiments.experiment_name
    inner join variants on queued.experiment_name = variants.experiment_name and variants.is_control
    where queued.assignment = 'blocks'

),

blocks as (

    select distinct
        experiment_name,
        salt,
        stratum,
        block_number
    from placed

),

-- A block has as many slots of a variant as the variant's weight says.
slots as (

    select
        experiment_name,
        variant,
        {{ each_number('1', 'weight') }} as slot_number
    from variants

),

shuffled as (

    select
        blocks.experiment_name,
        blocks.stratum,
        blocks.block_number,
        slots.variant,
        row_number() over (
            partition by blocks.experiment_name, blocks.stratum, blocks.block_number
            order by
                {{ hashed_id([
                    'blocks.salt', 'blocks.experiment_name', 'blocks.stratum', 'blocks.block_number',
                    'slots.variant', 'slots.slot_number'
                ]) }},
                slots.variant,
                slots.slot_number
        ) as place_in_block
    from blocks
    inner join slots on blocks.experiment_name = slots.experiment_name

)

select
    placed.experiment_name,
    placed.user_id,
    shuffled.variant,
    placed.stratum,
    placed.assigned_at,
    cast(placed.place_in_stratum as bigint) as place_in_stratum,
    cast(placed.block_number as bigint) as block_number,
    cast(placed.place_in_block as bigint) as place_in_block
from placed
inner join shuffled
    on
        placed.experiment_name = shuffled.experiment_name
        and placed.stratum = shuffled.stratum
        and placed.block_number = shuffled.block_number
        and placed.place_in_block = shuffled.place_in_block

union all

-- Exposures say the variant; the stratum is kept from here on.
select
    experiment_name,
    user_id,
    cast(null as string) as variant,
    stratum,
    assigned_at,
    cast(null as bigint) as place_in_stratum,
    cast(null as bigint) as block_number,
    cast(null as bigint) as place_in_block
from queued
where assignment = 'exposures'
