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

    select * from {{ ref('agg_behaviour_by_tenure_week') }}

),

members as (

    select
        weeks.period_start as week_start,
        stages.tenure_stage,
        sum(cohorts.users) as users
    from weeks
    inner join cohorts on weeks.period_index >= cohorts.created_week
    inner join stages
        on
            weeks.period_index - cohorts.created_week >= stages.start_week
            and weeks.period_index - cohorts.created_week < coalesce(stages.end_week, weeks.period_index + 1)
    group by weeks.period_start, stages.tenure_stage

),

behaviour as (

    select
        summed.week_start,
        stages.tenure_stage,
        sum(summed.active_users) as active_users,
        sum(summed.session_count) as session_count,
        sum(summed.message_count) as message_count,
        sum(summed.order_count) as order_count
    from summed
    inner join stages
        on
            summed.tenure_weeks >= stages.start_week
            and summed.tenure_weeks < coalesce(stages.end_week, summed.tenure_weeks + 1)
    group by summed.week_start, stages.tenure_stage

)

select
    weeks.period_start as week_start,
    stages.tenure_stage,
    stages.start_week as stage_start_week,
    cast(coalesce(members.users, 0) as bigint) as users,
    cast(coalesce(behaviour.active_users, 0) as bigint) as active_users,
    {{ ratio('coalesce(behaviour.active_users, 0)', 'members.users') }} as active_share,
    cast(coalesce(behaviour.session_count, 0) as bigint) as session_count,
    cast(coalesce(behaviour.message_count, 0) as bigint) as message_count,
    cast(coalesce(behaviour.order_count, 0) as bigint) as order_count,
    {{ ratio('behaviour.session_count', 'behaviour.active_users') }} as sessions_per_active_user,
    {{ ratio('behaviour.message_count', 'behaviour.active_users') }} as messages_per_active_user,
    {{ ratio('behaviour.order_count', 'behaviour.active_users') }} as orders_per_active_user,
    weeks.is_complete
from weeks
cross join stages
left join members on weeks.period_start = members.week_start and stages.tenure_stage = members.tenure_stage
left join behaviour on weeks.period_start = behaviour.week_start and stages.tenure_stage = behaviour.tenure_stage
