{% macro iso_weekday(moment) -%}
    {{ adapter.dispatch('iso_weekday')(moment) }}
{%- endmacro %}

{% macro duckdb__iso_weekday(moment) -%}
    extract(isodow from {{ moment }})
{%- endmacro %}

{% macro spark__iso_weekday(moment) -%}
    extract(dow_iso from {{ moment }})
{%- endmacro %}
