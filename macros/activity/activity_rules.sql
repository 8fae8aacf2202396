{% macro activity_rules() -%}
    {{ taxonomy_rules('is_activity') }} || ', days of {{ var("reporting_timezone") }}, messages {{ var("message_event") }}'
{%- endmacro %}
