{% macro sorted_list(text) -%}
    string_agg({{ text }}, ', ' order by {{ text }})
{%- endmacro %}
