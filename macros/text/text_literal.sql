{% macro text_literal(value) -%}
    {{- 'null' if value is none else "'" ~ value | string | replace('\\', '\\\\') | replace("'", "\\'") ~ "'" -}}
{%- endmacro %}
