{% macro elements_of(text, separator) -%}
    {{ adapter.dispatch('elements_of')(text, separator) }}
{%- endmacro %}

{% macro duckdb__elements_of(text, separator) -%}
    unnest(string_split({{ text }}, '{{ separator }}'))
{%- endmacro %}

{% macro spark__elements_of(text, separator) -%}
    explode(split({{ text }}, '{{ separator }}'))
{%- endmacro %}
