{% macro row_as_json(names) -%}
    {{ adapter.dispatch('row_as_json')(names) }}
{%- endmacro %}

{% macro duckdb__row_as_json(names) -%}
    cast(json_object({% for name in names %}'{{ name }}', {{ name }}{{ ', ' if not loop.last }}{% endfor %}) as varchar)
{%- endmacro %}

{% macro spark__row_as_json(names) -%}
    to_json(
        named_struct({% for name in names %}'{{ name }}', cast({{ name }} as string){{ ', ' if not loop.last }}{% endfor %}),
        map('ignoreNullFields', 'false')
    )
{%- endmacro %}
