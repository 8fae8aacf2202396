{% macro full_match(text, pattern) -%}
    {{ adapter.dispatch('full_match')(text, pattern) }}
{%- endmacro %}

{% macro duckdb__full_match(text, pattern) -%}
    regexp_full_match({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__full_match(text, pattern) -%}
    {#- A final $ would let a line end follow; this lets nothing follow, and needs no backslash. -#}
    ({{ text }} rlike '^(?:{{ pattern }})(?!(?s:.))')
{%- endmacro %}
