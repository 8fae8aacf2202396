{% macro seconds_between(earlier, later) -%}
    (({{ microseconds(later) }} - {{ microseconds(earlier) }}) / cast(1000000 as double))
{%- endmacro %}
