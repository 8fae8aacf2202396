{% macro row_as_json(names, suffix='') -%}
    cast(json_object({% for name in names %}'{{ name }}', {{ name }}{{ suffix }}{{ ', ' if not loop.last }}{% endfor %}) as varchar)
{%- endmacro %}
