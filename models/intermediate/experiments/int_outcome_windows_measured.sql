{% set days = var('experiment_outcome_days') %}

with

enrolled as (

    select * from {{ ref('int_experiment_users_enrolled') }}

),

profiles as (

    select * from {{ ref('stg_platform__users') }}

),

first_known as (

    select min(as_of) as as_of from {{ ref('int_subjects_observed') }}
    where subject in ('chat_initiation', 'activity')

),

events as (

    select
        events.user_id,
        events.event_at as done_at,
        taxonomy.is_activity,
        taxonomy.is_chat_initiation
    from {{ ref('int_events_sessionized') }} as events
    inner join {{ ref('event_taxonomy') }} as taxonomy on events.event_name = taxonomy.event_name
    where taxonomy.is_activity or taxonomy.is_chat_initiation

),

moderated_sessions as (

    select
        user_id,
        started_at as done_at,
        true as is_activity,
        false as is_chat_initiation
    from {{ ref('stg_platform__activity_sessions') }}

),

deeds as (

    select * from events
    union all
    select * from moderated_sessions

),

-- Newcomers are as an experiment would find them that exposes everybody on registering. No older ones are needed.
openings as (

    select
        user_id,
        first_exposed_at as opened_at
    from enrolled

    union

    select
        user_id,
        created_at as opened_at
    from profiles
    where
        {{ days_later('created_at', 7 * var('experiment_power_weeks') + 2 * days) }} >= (select as_of from first_known)

),

-- Days are of 24 hours, numbered from so many before the opening on.
numbered as (

    select
        openings.user_id,
        openings.opened_at,
        deeds.is_activity,
        deeds.is_chat_initiation,
        {{ days_passed(days_later('openings.opened_at', -days), 'deeds.done_at') }} as day_number
    from openings
    inner join deeds
        on
            openings.user_id = deeds.user_id
            and {{ days_later('openings.opened_at', -days) }} <= deeds.done_at
            and deeds.done_at < {{ days_later('openings.opened_at', 2 * days) }}

),

placed as (

    select
        *,
        day_number < {{ days }} as is_before,
        day_number >= {{ days }} and day_number < {{ 2 * days }} as is_within,
        day_number >= {{ 2 * days }} as is_after
    from numbered

),

counted as (

    select
        user_id,
        opened_at,
        max(case when is_chat_initiation and is_within then 1 else 0 end) as chat_initiation,
        max(case when is_chat_initiation and is_before then 1 else 0 end) as chat_initiation_before,
        max(case when is_activity and is_after then 1 else 0 end) as retention,
        max(case when is_activity and is_before then 1 else 0 end) as retention_before,
        count(distinct case when is_activity and is_within then day_number end) as engagement,
        count(distinct case when is_activity and is_before then day_number end) as engagement_before
    from placed
    group by user_id, opened_at

),

judged as (

    select
        {%- for metric in experiment_metrics() %}
        coalesce(
            openings.opened_at >= {{ observed_from(metric.subject) }}
            and {{ days_later('openings.opened_at', metric.windows * days) }} <= {{ as_of(metric.subject) }},
            false
        ) as is_complete_{{ metric.name }},
        {%- endfor %}
        openings.user_id,
        openings.opened_at
    from openings

)

select
    judged.user_id,
    {%- for metric in experiment_metrics() %}
    case
        when judged.is_complete_{{ metric.name }} then cast(coalesce(counted.{{ metric.name }}, 0) as bigint)
    end as {{ metric.name }},
    cast(coalesce(counted.{{ metric.name }}_before, 0) as bigint) as {{ metric.name }}_before,
    judged.is_complete_{{ metric.name }},
    {%- endfor %}
    judged.opened_at
from judged
left join counted on judged.user_id = counted.user_id and judged.opened_at = counted.opened_at
