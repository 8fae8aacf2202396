{% macro chat_event_content() -%}
    md5({{ row_as_json(['user_id', 'event_name', 'event_at', 'device_type']) }})
{%- endmacro %}
