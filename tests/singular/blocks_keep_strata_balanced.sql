-- In each stratum places are dealt one by one, and a variant of weight w in blocks of W users has its share of them
-- but for at most w (W - w) / W users: those whom the open block may still owe it, or have given it too early.
with

assignments as (

    select * from {{ ref('fct_experiment_assignments') }}
    where assignment = 'blocks'

),

variants as (

    select * from {{ ref('int_experiment_variants_declared') }}

),

strata as (

    select
        experiment_name,
        stratum,
        count(*) as stratum_users,
        count(distinct place_in_stratum) as places,
        max(place_in_stratum) as last_place
    from assignments
    group by experiment_name, stratum

),

dealt as (

    select
        experiment_name,
        stratum,
        variant,
        count(*) as users
    from assignments
    group by experiment_name, stratum, variant

),

compared as (

    select
        strata.*,
        variants.variant,
        variants.weight,
        variants.block_size,
        coalesce(dealt.users, 0) as users
    from strata
    inner join variants on strata.experiment_name = variants.experiment_name
    left join dealt
        on
            strata.experiment_name = dealt.experiment_name
            and strata.stratum = dealt.stratum
            and variants.variant = dealt.variant

)

select
    experiment_name,
    stratum,
    variant,
    users,
    stratum_users
from compared
where
    abs(users * block_size - stratum_users * weight) > weight * (block_size - weight)
    or places != stratum_users
    or last_place != stratum_users
