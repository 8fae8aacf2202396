{% macro band_start(value, width) -%}
    {{ exact(value) }} - {{ exact(value) }} % {{ exact(width) }}
{%- endmacro %}
