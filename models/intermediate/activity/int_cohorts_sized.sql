with

users as (

    select * from {{ ref('int_users_profiled') }}

),

periods as (

    select * from {{ ref('int_periods_spanned') }}

),

members as (
    {% for basis, column in cohort_bases().items() %}
    {% set outer_loop = loop %}
    {% for grain in period_grains() %}
    select
        '{{ basis }}' as cohort_basis,
        '{{ grain }}' as cohort_grain,
        {{ period_index(grain, column ~ '_on') }} as cohort_index
    from users
    where {{ column }}_on is not null
    {% if not (loop.last and outer_loop.last) %}
    union all
    {% endif %}
    {% endfor %}
    {% endfor %}
),

cohorts as (

    select
        cohort_basis,
        cohort_grain,
        cohort_index,
        count(*) as cohort_users
    from members
    group by cohort_basis, cohort_grain, cohort_index

),

known as (

    select
        period_grain,
        min(case when is_complete then period_index end) as first_complete_index,
        max(case when is_complete then period_index end) as last_complete_index
    from periods
    group by period_grain

)

select
    cohorts.cohort_basis,
    cohorts.cohort_grain,
    cohorts.cohort_index,
    periods.period_start as cohort_start,
    cohorts.cohort_users,
    coalesce(greatest(known.first_complete_index - cohorts.cohort_index, 0), 0) as first_complete_number,
    coalesce(known.last_complete_index - cohorts.cohort_index, -1) as last_complete_number
from cohorts
inner join periods
    on cohorts.cohort_grain = periods.period_grain and cohorts.cohort_index = periods.period_index
inner join known on cohorts.cohort_grain = known.period_grain
