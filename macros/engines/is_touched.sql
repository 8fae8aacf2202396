{% macro is_touched(timeline, began_at) -%}
    {{ adapter.dispatch('is_touched')(timeline, began_at) }}
{%- endmacro %}

{% macro duckdb__is_touched(timeline, began_at) -%}
    {{ timeline }}.user_id = touched.user_id and {{ timeline }}.{{ began_at }} >= touched.recompute_from
{%- endmacro %}

{% macro spark__is_touched(timeline, began_at) -%}
    {{ user_bucket(timeline ~ '.user_id') }} = touched.user_bucket
{%- endmacro %}
