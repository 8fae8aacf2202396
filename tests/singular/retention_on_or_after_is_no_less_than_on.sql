-- Who is active in a period is so in it or later.
select
    exactly.cohort_basis,
    exactly.cohort_grain,
    exactly.cohort_start,
    exactly.period_number
from {{ ref('agg_retention_cohorts') }} as exactly
left join {{ ref('agg_retention_cohorts') }} as or_after
    on
        exactly.cohort_basis = or_after.cohort_basis
        and exactly.cohort_grain = or_after.cohort_grain
        and exactly.cohort_start = or_after.cohort_start
        and exactly.period_number = or_after.period_number
        and or_after.retention_kind = 'on_or_after'
where
    exactly.retention_kind = 'on'
    and (or_after.retained_users is null or or_after.retained_users < exactly.retained_users)
