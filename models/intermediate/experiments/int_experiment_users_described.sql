{{ config(materialized='view') }}

with

experiments as (

    select * from {{ ref('experiments') }}

),

profiles as (

    select * from {{ ref('stg_platform__users') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}

),

exposed as (

    select * from {{ ref('int_experiment_users_exposed') }}
    where assignment = 'exposures'

),

aged as (

    select
        *,
        {{ age_on('birth_date', period_start('day', 'created_at')) }} as age
    from profiles

),

attributes as (

    select
        aged.user_id,
        aged.created_at,
        {%- for attribute in profile_attributes() + ['income_band'] %}
        coalesce(aged.{{ attribute }}, 'unknown') as {{ attribute }},
        {%- endfor %}
        coalesce(age_bands.age_band, 'unknown') as age_band
    from aged
    left join age_bands on aged.age >= age_bands.start_age and aged.age < age_bands.end_age

),

members as (

    select
        experiments.experiment_name,
        experiments.assignment,
        experiments.starts_at,
        experiments.strata_columns,
        attributes.*
    from experiments
    inner join attributes on experiments.ends_at > attributes.created_at

    union all

    -- Whoever saw something without a profile, or before it was made.
    select
        experiments.experiment_name,
        experiments.assignment,
        experiments.starts_at,
        experiments.strata_columns,
        exposed.user_id,
        attributes.created_at,
        {%- for attribute in profile_attributes() + ['income_band', 'age_band'] %}
        coalesce(attributes.{{ attribute }}, 'unknown') as {{ attribute }}{{ ',' if not loop.last }}
        {%- endfor %}
    from exposed
    inner join experiments on exposed.experiment_name = experiments.experiment_name
    left join attributes on exposed.user_id = attributes.user_id
    where attributes.created_at is null or attributes.created_at >= experiments.ends_at

)

select
    members.experiment_name,
    members.assignment,
    members.user_id,
    -- Names stand beside the values and semicolons are doubled, so that no two combinations look alike.
    concat_ws(
        ';',
        {%- for attribute in stratum_attributes() %}
        case
            when contains('|' || members.strata_columns || '|', '|{{ attribute }}|')
                then '{{ attribute }}=' || replace(members.{{ attribute }}, ';', ';;')
        end{{ ',' if not loop.last }}
        {%- endfor %}
    ) as combination,
    case members.assignment
        when 'blocks' then greatest(members.created_at, members.starts_at)
        else exposed.first_exposed_at
    end as assigned_at
from members
left join exposed on members.experiment_name = exposed.experiment_name and members.user_id = exposed.user_id
