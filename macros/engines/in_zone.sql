{% macro in_zone(moment, zone) -%}
    {{ adapter.dispatch('in_zone')(moment, zone) }}
{%- endmacro %}

{% macro duckdb__in_zone(moment, zone) -%}
    ({{ moment }} at time zone 'UTC' at time zone '{{ zone }}')
{%- endmacro %}

{% macro spark__in_zone(moment, zone) -%}
    from_utc_timestamp({{ moment }}, '{{ zone }}')
{%- endmacro %}
