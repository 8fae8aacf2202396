{{ config(materialized='view') }}

with

experiments as (

    select * from {{ ref('experiments') }}

),

profiles as (

    select * from {{ ref('int_experiment_profiles_described') }}

),

exposed as (

    select * from {{ ref('int_experiment_users_exposed') }}
    where assignment = 'exposures'

),

members as (

    select
        experiments.experiment_name,
        experiments.assignment,
        experiments.starts_at,
        experiments.strata_columns,
        profiles.user_id,
        {%- for attribute in stratum_attributes() %}
        profiles.{{ attribute }},
        {%- endfor %}
        profiles.created_at
    from experiments
    inner join profiles on experiments.ends_at > profiles.created_at

    union all

    -- Whoever saw something without a profile, or before it was made.
    select
        experiments.experiment_name,
        experiments.assignment,
        experiments.starts_at,
        experiments.strata_columns,
        exposed.user_id,
        {%- for attribute in stratum_attributes() %}
        coalesce(profiles.{{ attribute }}, 'unknown') as {{ attribute }},
        {%- endfor %}
        profiles.created_at
    from exposed
    inner join experiments on exposed.experiment_name = experiments.experiment_name
    left join profiles on exposed.user_id = profiles.user_id
    where profiles.created_at is null or profiles.created_at >= experiments.ends_at

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
