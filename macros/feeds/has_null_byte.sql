{% macro has_null_byte(text) -%}
    contains({{ text }}, chr(0))
{%- endmacro %}
