{% macro steady(value) -%}
    cast(round(cast({{ value }} as decimal(38, 12)), 9) as double)
{%- endmacro %}
