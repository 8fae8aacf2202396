{% macro steady_seconds(value) -%}
    cast(round(cast({{ value }} as decimal(38, 12)), 8) as double)
{%- endmacro %}
