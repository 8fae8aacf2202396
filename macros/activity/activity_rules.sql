{% macro activity_rules() -%}
    {{ daily_rules('is_activity') }} || ', messages {{ var("message_event") }}'
{%- endmacro %}
