{% macro from_zone(local_moment, zone) -%}
    {%- if zone == 'UTC' -%}
    {{ local_moment }}
    {%- else -%}
    {{ adapter.dispatch('from_zone')(local_moment, zone) }}
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__from_zone(local_moment, zone) -%}
    ({{ local_moment }} at time zone '{{ zone }}' at time zone 'UTC')
{%- endmacro %}

{% macro spark__from_zone(local_moment, zone) -%}
    to_utc_timestamp({{ local_moment }}, '{{ zone }}')
{%- endmacro %}
