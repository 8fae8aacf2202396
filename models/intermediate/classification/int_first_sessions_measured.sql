with

first_sessions as (

    select * from {{ ref('int_first_sessions_described') }}

)

select
    user_id,
    coalesce(duration_seconds, 0) / 60 as duration_minutes,
    {%- for category in event_categories() if category != 'milestone' %}
    {{ category }}_event_count,
    {%- endfor %}
    {%- for kind in first_session_kinds() %}
    coalesce({{ kind }}_place = 1, false) as begins_with_{{ kind }},
    {%- endfor %}
    trial_place is not null as has_asked_for_trial
from first_sessions
