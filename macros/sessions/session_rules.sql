{% macro session_rules() -%}
    'gap {{ var("session_gap_minutes") }}, inclusive {{ var("session_gap_inclusive") }}, at most {{ var("session_max_hours") }}, milestones {{ var("milestones_are_events") }}'
{%- endmacro %}
