{% macro days_between(earlier, later) -%}
    {{ period_index('day', later) }} - {{ period_index('day', earlier) }}
{%- endmacro %}
