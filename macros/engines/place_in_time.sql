{% macro place_in_time(event_at, event_id) -%}
    {{ adapter.dispatch('place_in_time')(event_at, event_id) }}
{%- endmacro %}

{% macro duckdb__place_in_time(event_at, event_id) -%}
    struct_pack(event_at := {{ event_at }}, event_id := {{ event_id }})
{%- endmacro %}

{% macro spark__place_in_time(event_at, event_id) -%}
    named_struct('event_at', {{ event_at }}, 'event_id', {{ event_id }})
{%- endmacro %}
