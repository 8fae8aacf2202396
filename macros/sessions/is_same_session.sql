{% macro is_same_session(earlier, later) -%}
    {{ later }} {{ '<=' if var('session_gap_inclusive') else '<' }} {{ earlier }} + interval '{{ var("session_gap_minutes") }} minutes'
{%- endmacro %}
