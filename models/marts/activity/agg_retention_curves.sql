with

cohorts as (

    select * from {{ ref('agg_retention_cohorts') }}

),

pooled as (

    select
        cohort_basis,
        cohort_grain,
        retention_kind,
        period_number,
        sum(cohort_users) as cohort_users,
        sum(eligible_users) as eligible_users,
        sum(retained_users) as retained_users
    from cohorts
    group by cohort_basis, cohort_grain, retention_kind, period_number

)

select
    cohort_basis,
    cohort_grain,
    retention_kind,
    period_number,
    cast(cohort_users as bigint) as cohort_users,
    cast(eligible_users as bigint) as eligible_users,
    cast(retained_users as bigint) as retained_users,
    {{ ratio('retained_users', 'eligible_users') }} as retention_rate,
    eligible_users = cohort_users as is_complete
from pooled
