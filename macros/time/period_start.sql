{% macro period_start(grain, moment) -%}
    {{ first_day(grain, in_reporting_time(moment)) }}
{%- endmacro %}
