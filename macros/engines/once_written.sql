{% macro once_written(sql) -%}
    {{ return(adapter.dispatch('once_written')(sql)) }}
{%- endmacro %}

{% macro duckdb__once_written(sql) -%}
    {{ return(after_commit(sql)) }}
{%- endmacro %}

{% macro spark__once_written(sql) -%}
    {#- Without transactions what is written is written, and dbt calls no hook after a commit. -#}
    {{ return(sql) }}
{%- endmacro %}
