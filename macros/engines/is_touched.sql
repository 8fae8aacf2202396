{% macro is_touched(events) -%}
    {{ adapter.dispatch('is_touched')(events) }}
{%- endmacro %}

{% macro duckdb__is_touched(events) -%}
    {{ events }}.user_id = touched.user_id and {{ events }}.event_at >= touched.recompute_from
{%- endmacro %}

{% macro spark__is_touched(events) -%}
    {{ user_bucket(events ~ '.user_id') }} = touched.user_bucket
{%- endmacro %}
