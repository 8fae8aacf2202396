{% macro has_fraction(text) -%}
    {{ has_match(text, '[.][0-9]*[1-9]') }}
{%- endmacro %}
