{% macro session_slot(event_at) -%}
    (({{ microseconds_since_year_one(event_at) }}) // {{ [(var('session_gap_minutes') * 60000000) | int, 1] | max }})
{%- endmacro %}
