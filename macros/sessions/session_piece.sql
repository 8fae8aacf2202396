{% macro session_piece(first_event_at, event_at) -%}
    {%- if var('session_max_hours') is none -%}
    0
    {%- else -%}
    floor({{ seconds_between(first_event_at, event_at) }} / ({{ var('session_max_hours') }} * 3600.0))
    {%- endif -%}
{%- endmacro %}
