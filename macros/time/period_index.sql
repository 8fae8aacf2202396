{#- The first of January 1970 was a Thursday: the third day after a Monday. -#}
{% macro period_index(grain, day) -%}
    {%- set days = dbt.datediff("date '1970-01-01'", day, 'day') -%}
    {%- if grain == 'day' -%}
    cast({{ days }} as bigint)
    {%- elif grain == 'week' -%}
    cast({{ whole_quotient(days ~ ' + 3', 7) }} as bigint)
    {%- else -%}
    cast(12 * extract(year from {{ day }}) + extract(month from {{ day }}) as bigint)
    {%- endif -%}
{%- endmacro %}
