with

cohorts as (

    select * from {{ ref('int_cohorts_sized') }}

),

returns as (

    select * from {{ ref('int_user_returns_numbered') }}

),

rolling_days as (

    select * from {{ ref('int_rolling_days_completed') }}

),

numbers as (
    {% for grain in period_grains() %}
    select
        '{{ grain }}' as cohort_grain,
        {{ each_number('0', var('retention_periods')[grain]) }} as period_number
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

kinds as (

    select 'on' as retention_kind
    union all
    select 'on_or_after' as retention_kind
    union all
    select 'rolling_24h' as retention_kind

),

cells as (

    select
        cohorts.*,
        kinds.retention_kind,
        numbers.period_number
    from cohorts
    inner join numbers on cohorts.cohort_grain = numbers.cohort_grain
    inner join kinds on kinds.retention_kind != 'rolling_24h' or cohorts.cohort_grain = 'day'

),

returned as (

    select
        cohort_basis,
        cohort_grain,
        cohort_index,
        retention_kind,
        period_number,
        count(*) as users
    from returns
    group by cohort_basis, cohort_grain, cohort_index, retention_kind, period_number

),

ever_returned as (

    select
        cohort_basis,
        cohort_grain,
        cohort_index,
        sum(users) as users
    from returned
    where retention_kind = 'on_or_after'
    group by cohort_basis, cohort_grain, cohort_index

),

-- On or after a period are all but those who came for the last time before it.
counted as (

    select
        cells.*,
        case
            when cells.retention_kind = 'rolling_24h'
                then
                    sum(coalesce(rolling_days.users_from_here - rolling_days.users_until_here, 0)) over up_to_here
            when
                cells.period_number >= cells.first_complete_number
                and cells.period_number <= cells.last_complete_number
                then cells.cohort_users
            else 0
        end as eligible_users,
        case
            when cells.retention_kind = 'on_or_after'
                then
                    coalesce(ever_returned.users, 0)
                    - sum(coalesce(returned.users, 0)) over up_to_here
                    + coalesce(returned.users, 0)
            else coalesce(returned.users, 0)
        end as returned_users
    from cells
    left join returned
        on
            cells.cohort_basis = returned.cohort_basis
            and cells.cohort_grain = returned.cohort_grain
            and cells.cohort_index = returned.cohort_index
            and cells.retention_kind = returned.retention_kind
            and cells.period_number = returned.period_number
    left join ever_returned
        on
            cells.cohort_basis = ever_returned.cohort_basis
            and cells.cohort_grain = ever_returned.cohort_grain
            and cells.cohort_index = ever_returned.cohort_index
    left join rolling_days
        on
            cells.cohort_basis = rolling_days.cohort_basis
            and cells.cohort_index = rolling_days.cohort_index
            and cells.period_number = rolling_days.period_number
    window up_to_here as (
        partition by cells.cohort_basis, cells.cohort_grain, cells.cohort_index, cells.retention_kind
        order by cells.period_number
        rows unbounded preceding
    )

)

select
    cohort_basis,
    cohort_grain,
    cohort_start,
    retention_kind,
    cast(period_number as bigint) as period_number,
    cohort_users,
    cast(eligible_users as bigint) as eligible_users,
    cast(case when eligible_users > 0 then returned_users else 0 end as bigint) as retained_users,
    {{ ratio('returned_users', 'eligible_users') }} as retention_rate,
    eligible_users = cohort_users as is_complete
from counted
