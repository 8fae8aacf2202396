{% macro in_zone(moment, zone) -%}
    {%- if zone == 'UTC' -%}
    {{ moment }}
    {%- else -%}
    {{ adapter.dispatch('in_zone')(moment, zone) }}
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__in_zone(moment, zone) -%}
    ({{ moment }} at time zone 'UTC' at time zone '{{ zone }}')
{%- endmacro %}

{% macro spark__in_zone(moment, zone) -%}
    from_utc_timestamp({{ moment }}, '{{ zone }}')
{%- endmacro %}
