-- Members by first activity are the new users of the lifecycle, all active in their own period; those by creation are
-- the registrations. One-and-done has the same cohorts.
with

cohorts as (

    select * from {{ ref('agg_retention_cohorts') }}
    where
        retention_kind = 'on'
        and period_number = 0

),

one_and_done as (

    select * from {{ ref('agg_one_and_done') }}

),

came as (

    select
        'first_activity' as cohort_basis,
        period_grain,
        period_start,
        new_users as users
    from {{ ref('agg_user_lifecycle') }}
    where new_users > 0

    union all

    select
        'creation' as cohort_basis,
        period_grain,
        period_start,
        registrations as users
    from {{ ref('agg_active_users') }}
    where registrations > 0

)

select
    came.cohort_basis,
    came.period_grain,
    came.period_start,
    came.users,
    cohorts.cohort_users,
    one_and_done.cohort_users as one_and_done_cohort_users
from came
full outer join cohorts
    on
        came.cohort_basis = cohorts.cohort_basis
        and came.period_grain = cohorts.cohort_grain
        and came.period_start = cohorts.cohort_start
left join one_and_done
    on
        came.cohort_basis = 'creation'
        and came.period_grain = one_and_done.cohort_grain
        and came.period_start = one_and_done.cohort_start
where
    came.users is distinct from cohorts.cohort_users
    or (came.cohort_basis = 'first_activity' and cohorts.retained_users != cohorts.eligible_users)
    or (came.cohort_basis = 'creation' and came.users is distinct from one_and_done.cohort_users)
