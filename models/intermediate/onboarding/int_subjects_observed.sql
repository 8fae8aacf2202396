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

order_rows as (

    select * from {{ ref('base_platform__orders') }}
    where outcome != 'rejected'

),

point_rows as (

    select * from {{ ref('base_loyalty__point_transactions') }}
    where outcome != 'rejected'

),

milestones as (

    select * from {{ ref('int_milestones') }}

),

feeds as (

    select
        'onboarding_events' as feed,
        min(event_dttm) as observed_from,
        max(event_dttm) as observed_until
    from onboarding_rows

    union all

    select
        'onboarding_events' as feed,
        -- A date of the past says nothing of when the export began to tell.
        cast(null as timestamp) as observed_from,
        max(reached_at) as observed_until
    from milestones

    union all

    select
        'chat_events' as feed,
        min(event_at) as observed_from,
        max(event_at) as observed_until
    from chat_rows

    union all

    select
        'user_activity' as feed,
        min(timestamp) as observed_from,
        max(timestamp) as observed_until
    from moderated_rows

    union all

    select
        'orders' as feed,
        min(ordered_at) as observed_from,
        max(ordered_at) as observed_until
    from order_rows

    union all

    select
        'point_transactions' as feed,
        min(transaction_at) as observed_from,
        max(transaction_at) as observed_until
    from point_rows

),

subjects as (

    select
        'onboarding' as subject,
        'onboarding_events' as feed
    union all
    select
        'activity' as subject,
        'onboarding_events' as feed
    union all
    select
        'activity' as subject,
        'chat_events' as feed
    union all
    select
        'activity' as subject,
        'user_activity' as feed
    union all
    select
        'chat_initiation' as subject,
        'chat_events' as feed
    union all
    select
        'orders' as subject,
        'orders' as feed
    union all
    select
        'loyalty' as subject,
        'point_transactions' as feed

)

select
    subjects.subject,
    {% if var('observed_from') is none -%}
    min(feeds.observed_from) as observed_from,
    {%- else -%}
    timestamp '{{ var("observed_from") }}' as observed_from,
    {%- endif %}
    {% if var('as_of') is none -%}
    max(feeds.observed_until) as as_of
    {%- else -%}
    timestamp '{{ var("as_of") }}' as as_of
    {%- endif %}
from subjects
inner join feeds on subjects.feed = feeds.feed
group by subjects.subject
