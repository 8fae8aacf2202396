{% macro place_in_time(event_at, event_id) -%}
    struct_pack(event_at := {{ event_at }}, event_id := {{ event_id }})
{%- endmacro %}
