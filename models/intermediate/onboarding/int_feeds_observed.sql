with

events as (

    select * from {{ ref('int_events_sessionized') }}

),

feeds as (

    select
        feed,
        max(event_at) as last_event_at
    from events
    group by feed

)

-- Milestones are dates in the onboarding export, which is known as far as anything in it reaches.
select
    feed,
    {% if var('as_of') is none -%}
    case when feed in ('onboarding_events', 'milestones') then {{ as_of('onboarding') }} else last_event_at end as as_of
    {%- else -%}
    timestamp '{{ var("as_of") }}' as as_of
    {%- endif %}
from feeds
