{% macro with_one_place(value) -%}
    cast(cast(round({{ exact(value) }}, 1) as decimal(18, 1)) as string)
{%- endmacro %}
