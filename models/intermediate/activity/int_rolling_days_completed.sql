with

users as (

    select * from {{ ref('int_users_profiled') }}

),

members as (
    {% for basis, column in cohort_bases().items() %}
    select
        '{{ basis }}' as cohort_basis,
        {{ period_index('day', column ~ '_on') }} as cohort_index,
        {{ unobserved_days(column ~ '_at') }} as unobserved_days,
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
),

-- From the first day of 24 hours that the feeds tell of a member counts, from the first that is not over on no more.
turns as (

    select
        cohort_basis,
        cohort_index,
        unobserved_days as period_number,
        1 as users_from_here,
        0 as users_until_here
    from members
    where unobserved_days < complete_days

    union all

    select
        cohort_basis,
        cohort_index,
        complete_days as period_number,
        0 as users_from_here,
        1 as users_until_here
    from members
    where unobserved_days < complete_days

)

select
    cohort_basis,
    cohort_index,
    period_number,
    sum(users_from_here) as users_from_here,
    sum(users_until_here) as users_until_here
from turns
group by cohort_basis, cohort_index, period_number
