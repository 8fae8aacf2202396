{% macro week_of(moment) -%}
    {{ period_index('week', period_start('day', moment)) }}
{%- endmacro %}
