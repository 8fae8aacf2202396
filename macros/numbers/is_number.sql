{% macro is_number(text) -%}
    {{ full_match(text, '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)') }}
{%- endmacro %}
