{% macro has_fraction(text) -%}
    regexp_matches({{ text }}, '[.][0-9]*[1-9]')
{%- endmacro %}
