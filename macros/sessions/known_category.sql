{% macro known_category(event_category) -%}
    coalesce({{ event_category }}, 'other')
{%- endmacro %}
