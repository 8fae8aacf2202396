{% macro steady(value) -%}
    round({{ value }}, 9)
{%- endmacro %}
