{#- Week 0 begins three days before 1970. -#}
{% macro day_bit(moment, week_index) -%}
    cast(power(2, {{ period_index('day', period_start('day', moment)) }} - (7 * {{ week_index }} - 3)) as bigint)
{%- endmacro %}
