with

weeks as (

    select * from {{ ref('int_periods_spanned') }}
    where period_grain = 'week'

),

stages as (

    select * from {{ ref('tenure_stages') }}

),

cohorts as (

    select
        cohort_index as created_week,
        cohort_users as users
    from {{ ref('int_cohorts_sized') }}
    where
        cohort_basis = 'creation'
        and cohort_grain = 'week'

),

summed as (

    select * from {{ ref('int_tenure_weeks_summed') }}

),

members as (

    select
        weeks.period_index as week,
        stages.tenure_stage,
        sum(cohorts.users) as users
    from weeks
    inner join cohorts on weeks.period_index >= cohorts.created_week
    inner join stages
        on
            weeks.period_index - cohorts.created_week >= stages.start_week
            and weeks.period_index - cohorts.created_week < coalesce(stages.end_week, weeks.period_index + 1)
    group by weeks.period_index, stages.tenure_stage

),

behaviour as (

    select
        summed.week,
        stages.tenure_stage,
        sum(summed.active_users) as active_users,
        sum(summed.sessions) as sessions,
        sum(summed.messages) as messages,
        sum(summed.orders) as orders
    from summed
    inner join stages
        on
            summed.tenure >= stages.start_week
            and summed.tenure < coalesce(stages.end_week, summed.tenure + 1)
    group by summed.week, stages.tenure_stage

)

select
    weeks.period_start as week_start,
    stages.tenure_stage,
    stages.start_week as stage_start_week,
    cast(coalesce(members.users, 0) as bigint) as users,
    cast(coalesce(behaviour.active_users, 0) as bigint) as active_users,
    {{ ratio('coalesce(behaviour.active_users, 0)', 'members.users') }} as active_share,
    cast(coalesce(behaviour.sessions, 0) as bigint) as sessions,
    cast(coalesce(behaviour.messages, 0) as bigint) as messages,
    cast(coalesce(behaviour.orders, 0) as bigint) as orders,
    {{ ratio('behaviour.sessions', 'behaviour.active_users') }} as sessions_per_active_user,
    {{ ratio('behaviour.messages', 'behaviour.active_users') }} as messages_per_active_user,
    {{ ratio('behaviour.orders', 'behaviour.active_users') }} as orders_per_active_user,
    weeks.is_complete
from weeks
cross join stages
left join members on weeks.period_index = members.week and stages.tenure_stage = members.tenure_stage
left join behaviour on weeks.period_index = behaviour.week and stages.tenure_stage = behaviour.tenure_stage
