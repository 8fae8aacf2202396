{% macro microseconds_since_year_one(moment) -%}
    epoch_us({{ moment }}) + 62135596800000000
{%- endmacro %}
