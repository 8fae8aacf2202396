{% macro has_match(text, pattern) -%}
    {{ adapter.dispatch('has_match')(text, pattern) }}
{%- endmacro %}

{% macro duckdb__has_match(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__has_match(text, pattern) -%}
    ({{ text }} rlike '{{ pattern }}')
{%- endmacro %}
