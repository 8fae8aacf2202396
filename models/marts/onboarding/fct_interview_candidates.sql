{%- set features = ['duration_seconds', 'event_count', 'distinct_event_count'] -%}
{%- set distances = [] -%}
{%- for feature in features %}
{%- do distances.append(ratio('deviations.' ~ feature, 'spreads.' ~ feature)) %}
{%- endfor -%}

with

first_sessions as (

    select * from {{ ref('fct_first_sessions') }}

),

middles as (

    select
        {%- for feature in features %}
        median(coalesce({{ feature }}, 0)) as {{ feature }},
        {%- endfor %}
        segment
    from first_sessions
    group by segment

),

deviations as (

    select
        {%- for feature in features %}
        abs(coalesce(first_sessions.{{ feature }}, 0) - middles.{{ feature }}) as {{ feature }},
        {%- endfor %}
        first_sessions.user_id,
        first_sessions.segment,
        first_sessions.created_at
    from first_sessions
    inner join middles on first_sessions.segment = middles.segment

),

spreads as (

    select
        {%- for feature in features %}
        coalesce(nullif(median({{ feature }}), 0), 1) as {{ feature }},
        {%- endfor %}
        segment
    from deviations
    group by segment

),

distances as (

    select
        deviations.user_id,
        deviations.segment,
        deviations.created_at,
        {{ steady(distances | join(' + ')) }} as distance_to_middle
    from deviations
    inner join spreads on deviations.segment = spreads.segment

),

ranked as (

    select
        user_id,
        segment,
        distance_to_middle,
        row_number() over (partition by segment order by distance_to_middle asc, created_at desc, user_id asc)
            as typical_rank,
        row_number() over (partition by segment order by created_at desc, user_id asc) as recent_rank
    from distances

)

select
    segment,
    user_id,
    'typical' as reason,
    cast(typical_rank as bigint) as rank,
    cast(distance_to_middle as double) as distance_to_middle
from ranked
where typical_rank <= {{ var('interview_candidates') }}

union all

select
    segment,
    user_id,
    'recent' as reason,
    cast(recent_rank as bigint) as rank,
    cast(distance_to_middle as double) as distance_to_middle
from ranked
where recent_rank <= {{ var('interview_candidates') }}
