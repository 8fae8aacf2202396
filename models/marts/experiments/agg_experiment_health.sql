with

counted as (

    select * from {{ ref('int_experiment_checks_counted') }}

),

experiments as (

    select * from {{ ref('experiments') }}

),

variants as (

    select * from {{ ref('int_experiment_variants_exposed') }}

),

tested as (

    select * from {{ ref('int_sample_ratios_tested') }}

),

totals as (

    select
        experiment_name,
        sum(exposed_users) as exposed_users,
        {{ joined_in_order("variant || ' ' || exposed_users", ', ', order_by='variant_number') }} as split,
        {{ joined_in_order('cast(weight as string)', ' : ', order_by='variant_number') }} as intended_split
    from variants
    group by experiment_name

),

checks as (

    select
        experiments.experiment_name,
        'sample_ratio' as check_name,
        'users' as unit,
        cast(null as bigint) as affected,
        cast(coalesce(totals.exposed_users, 0) as bigint) as out_of,
        tested.chi_squared,
        tested.p_value,
        case
            when tested.p_value < {{ var('sample_ratio_alarm') }} then 'alarm'
            when tested.p_value is not null then 'fine'
        end as verdict,
        totals.split || ' users, intended ' || totals.intended_split as detail
    from experiments
    left join totals on experiments.experiment_name = totals.experiment_name
    left join tested on experiments.experiment_name = tested.experiment_name

    union all

    select
        experiment_name,
        check_name,
        unit,
        affected,
        out_of,
        cast(null as double) as chi_squared,
        cast(null as double) as p_value,
        case
            when out_of = 0 then null
            when affected > 0 and check_name != 'never_exposed' then 'look'
            else 'fine'
        end as verdict,
        affected || ' of ' || out_of || ' ' || unit as detail
    from counted

)

select
    experiment_name,
    check_name,
    unit,
    affected,
    out_of,
    {{ ratio('affected', 'out_of') }} as affected_share,
    chi_squared,
    p_value,
    verdict,
    detail
from checks
