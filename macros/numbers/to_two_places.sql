{% macro to_two_places(value) -%}
    cast(round({{ exact(value) }}, 2) as decimal(18, 2))
{%- endmacro %}
