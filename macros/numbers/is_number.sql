{% macro is_number(text) -%}
    regexp_full_match({{ text }}, '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)')
{%- endmacro %}
