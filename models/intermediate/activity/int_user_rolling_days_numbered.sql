with

users as (

    select * from {{ ref('int_users_profiled') }}

),

activity as (

    select
        user_id,
        event_at as active_at
    from {{ ref('int_activity_events_selected') }}

    union all

    select
        user_id,
        started_at as active_at
    from {{ ref('stg_platform__activity_sessions') }}

),

-- One pass over the activity, for all bases at once.
passed as (

    select distinct
        {%- for basis, column in cohort_bases().items() %}
        case
            when activity.active_at >= users.{{ column }}_at
                then {{ days_passed('users.' ~ column ~ '_at', 'activity.active_at') }}
        end as days_since_{{ basis }},
        {%- endfor %}
        users.user_id
    from activity
    inner join users on activity.user_id = users.user_id

),

numbered as (
    {% for basis, column in cohort_bases().items() %}
    select distinct
        passed.user_id,
        '{{ basis }}' as cohort_basis,
        {{ period_index('day', 'users.' ~ column ~ '_on') }} as cohort_index,
        users.{{ column }}_at as basis_at,
        passed.days_since_{{ basis }} as period_number
    from passed
    inner join users on passed.user_id = users.user_id
    where passed.days_since_{{ basis }} <= {{ var('retention_periods')['day'] }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
)

-- Only what the feeds tell of from its beginning, and what is over: of the last 24 hours it is not known yet who will
-- have come back.
select
    user_id,
    cohort_basis,
    cohort_index,
    period_number
from numbered
where
    {{ days_later('basis_at', 'period_number') }} >= {{ observed_from('activity') }}
    and {{ days_later('basis_at', '(period_number + 1)') }} <= {{ as_of('activity') }}
