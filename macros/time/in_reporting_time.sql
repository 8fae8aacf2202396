{% macro in_reporting_time(moment) -%}
    ({{ moment }} at time zone 'UTC' at time zone '{{ var("reporting_timezone") }}')
{%- endmacro %}
