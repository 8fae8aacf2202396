with

cohorts as (

    select * from {{ ref('int_cohorts_sized') }}
    where cohort_basis = 'creation'

),

returns as (

    select * from {{ ref('int_user_returns_numbered') }}
    where
        cohort_basis = 'creation'
        and retention_kind = 'on'

),

user_periods as (

    select
        cohort_grain,
        cohort_index,
        user_id,
        count(*) as active_periods
    from returns
    group by cohort_grain, cohort_index, user_id

),

active as (

    select
        cohort_grain,
        cohort_index,
        count(*) as active_users,
        count_if(active_periods = 1) as one_and_done_users
    from user_periods
    group by cohort_grain, cohort_index

),

eligible as (

    select
        cohorts.*,
        cohorts.first_complete_number = 0
        and case cohorts.cohort_grain
            {%- for grain in period_grains() %}
            when '{{ grain }}' then cohorts.last_complete_number >= {{ var('one_and_done_periods')[grain] }}
            {%- endfor %}
        end as is_complete
    from cohorts

),

counted as (

    select
        eligible.cohort_grain,
        eligible.cohort_start,
        eligible.cohort_users,
        eligible.is_complete,
        case when eligible.is_complete then eligible.cohort_users else 0 end as eligible_users,
        case when eligible.is_complete then coalesce(active.active_users, 0) else 0 end as active_users,
        case when eligible.is_complete then coalesce(active.one_and_done_users, 0) else 0 end as one_and_done_users
    from eligible
    left join active on eligible.cohort_grain = active.cohort_grain and eligible.cohort_index = active.cohort_index

)

select
    cohort_grain,
    cohort_start,
    cohort_users,
    cast(eligible_users as bigint) as eligible_users,
    cast(active_users as bigint) as active_users,
    cast(one_and_done_users as bigint) as one_and_done_users,
    {{ ratio('one_and_done_users', 'eligible_users') }} as one_and_done_rate,
    is_complete
from counted
