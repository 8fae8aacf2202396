with

users as (

    select * from {{ ref('int_users_profiled') }}

),

members as (
    {% for basis, column in cohort_bases().items() %}
    select
        '{{ basis }}' as cohort_basis,
        {{ period_index('day', column ~ '_on') }} as cohort_index,
        case
            when {{ column }}_at <= {{ as_of('activity') }}
                then {{ days_passed(column ~ '_at', as_of('activity')) }}
            else 0
        end as complete_days
    from users
    where {{ column }}_at is not null
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
)

select
    cohort_basis,
    cohort_index,
    complete_days,
    count(*) as users
from members
group by cohort_basis, cohort_index, complete_days
