{% macro day_rewritten_with(changed_at) -%}
    {{ period_start('day', changed_at) }} - interval '{{ 0 if var("reporting_timezone") == 'UTC' else 38 }} hours'
{%- endmacro %}
