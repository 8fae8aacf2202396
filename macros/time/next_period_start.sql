{% macro next_period_start(grain, period_start) -%}
    {{ first_day(grain, period_start ~ ' + ' ~ {'day': 1, 'week': 7, 'month': 31}[grain]) }}
{%- endmacro %}
