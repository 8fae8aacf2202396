with

assignments as (

    select * from {{ ref('fct_experiment_assignments') }}

),

profiles as (

    select * from {{ ref('int_experiment_profiles_described') }}

),

described as (

    select
        assignments.experiment_name,
        assignments.variant,
        {%- for attribute in stratum_attributes() %}
        coalesce(profiles.{{ attribute }}, 'unknown') as {{ attribute }},
        {%- endfor %}
        cast(
            {{ age_on('profiles.birth_date', period_start('day', 'assignments.assigned_at')) }} as bigint
        ) as age,
        {{ days_passed('profiles.created_at', 'assignments.assigned_at') }} as tenure_days
    from assignments
    left join profiles on assignments.user_id = profiles.user_id

),

-- Whole numbers add up exactly, in whatever order.
summed as (
    {% for attribute in stratum_attributes() %}
    select
        experiment_name,
        variant,
        '{{ attribute }}' as covariate,
        {{ attribute }} as covariate_value,
        count(*) as users,
        cast(null as double) as total,
        cast(null as double) as total_of_squares
    from described
    group by experiment_name, variant, {{ attribute }}

    union all
    {% endfor %}
    {%- for number in ['age', 'tenure_days'] %}
    select
        experiment_name,
        variant,
        '{{ number }}' as covariate,
        cast(null as string) as covariate_value,
        count({{ number }}) as users,
        cast(sum({{ number }}) as double) as total,
        cast(sum({{ number }} * {{ number }}) as double) as total_of_squares
    from described
    group by experiment_name, variant
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
)

select
    experiment_name,
    variant,
    covariate,
    covariate_value,
    users,
    total,
    total_of_squares
from summed
