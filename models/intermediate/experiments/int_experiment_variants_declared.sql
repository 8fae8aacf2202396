with

experiments as (

    select * from {{ ref('experiments') }}

),

numbered as (

    select
        *,
        {{ each_number('1', "length(variants) - length(replace(variants, '|', '')) + 1") }} as variant_number
    from experiments

),

weighted as (

    select
        experiment_name,
        cast(variant_number as bigint) as variant_number,
        split_part(variants, '|', cast(variant_number as int)) as variant,
        cast(split_part(weights, '|', cast(variant_number as int)) as bigint) as weight
    from numbered

)

select
    experiment_name,
    variant_number,
    variant,
    weight,
    cast(sum(weight) over (partition by experiment_name) as bigint) as block_size,
    variant_number = 1 as is_control
from weighted
