{% macro period_start(grain, moment) -%}
    cast(date_trunc('{{ grain }}', {{ in_reporting_time(moment) }}) as date)
{%- endmacro %}
