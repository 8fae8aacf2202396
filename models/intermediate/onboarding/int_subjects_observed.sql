with

chat_rows as (

    select * from {{ ref('base_chatbot__chat_events') }}
    where outcome != 'rejected'

),

moderated_rows as (

    select * from {{ ref('base_platform__user_activity') }}
    where outcome != 'rejected'

),

onboarding_rows as (

    select * from {{ ref('base_onboarding__onboarding_events') }}
    where outcome != 'rejected'

),

milestones as (

    select * from {{ ref('int_milestones') }}

),

feeds as (

    select
        'onboarding_events' as feed,
        max(event_dttm) as observed_at
    from onboarding_rows

    union all

    select
        'onboarding_events' as feed,
        max(reached_at) as observed_at
    from milestones

    union all

    select
        'chat_events' as feed,
        max(event_at) as observed_at
    from chat_rows

    union all

    select
        'user_activity' as feed,
        max(timestamp) as observed_at
    from moderated_rows

),

subjects as (

    select
        'onboarding' as subject,
        observed_at
    from feeds
    where feed = 'onboarding_events'

    union all

    select
        'activity' as subject,
        observed_at
    from feeds

)

select
    subject,
    {% if var('as_of') is none -%}
    max(observed_at) as as_of
    {%- else -%}
    timestamp '{{ var("as_of") }}' as as_of
    {%- endif %}
from subjects
group by subject
