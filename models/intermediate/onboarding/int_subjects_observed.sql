with

onboarding_rows as (

    select * from {{ ref('base_onboarding__onboarding_events') }}
    where outcome != 'rejected'

),

milestones as (

    select * from {{ ref('int_milestones') }}

),

moments as (

    select
        'onboarding' as subject,
        max(event_dttm) as observed_at
    from onboarding_rows

    union all

    select
        'onboarding' as subject,
        max(reached_at) as observed_at
    from milestones

)

select
    subject,
    {% if var('as_of') is none -%}
    max(observed_at) as as_of
    {%- else -%}
    timestamp '{{ var("as_of") }}' as as_of
    {%- endif %}
from moments
group by subject
