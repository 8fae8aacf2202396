{% macro exact(value) -%}
    cast({{ value }} as decimal(28, 9))
{%- endmacro %}
