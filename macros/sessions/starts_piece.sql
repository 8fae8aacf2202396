{% macro starts_piece(first_event_at, previous_event_at, event_at) -%}
    {%- if var('session_max_hours') is none -%}
    false
    {%- else -%}
    {{ session_piece(first_event_at, event_at) }} != {{ session_piece(first_event_at, previous_event_at) }}
    {%- endif -%}
{%- endmacro %}
