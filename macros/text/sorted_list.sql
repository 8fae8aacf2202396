{% macro sorted_list(text) -%}
    {{ joined_in_order(text, ', ', order_by=text) }}
{%- endmacro %}
