with

events as (

    select * from {{ ref('int_events_sessionized') }}

),

-- Milestones are dates in the onboarding export, which is known as far as anything in it reaches.
feeds as (

    select
        feed,
        case
            when feed in ('onboarding_events', 'milestones') then {{ as_of('onboarding') }}
            else max(event_at)
        end as observed_until
    from events
    group by feed

)

select
    feed,
    {% if var('as_of') is none -%}
    observed_until as as_of
    {%- else -%}
    timestamp '{{ var("as_of") }}' as as_of
    {%- endif %}
from feeds
