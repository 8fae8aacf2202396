{% macro daily_rules(column) -%}
    {{ taxonomy_rules(column) }} || ', days of {{ var("reporting_timezone") }}'
{%- endmacro %}
