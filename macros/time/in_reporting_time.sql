{% macro in_reporting_time(moment) -%}
    {{ in_zone(moment, var('reporting_timezone')) }}
{%- endmacro %}
