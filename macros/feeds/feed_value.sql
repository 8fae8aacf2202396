{% macro feed_value(column) %}
    {%- set text = column.name ~ '_text' -%}
    {%- if column.type in ('id', 'text') -%}
        {{ text }}
    {%- elif column.type == 'timestamp' -%}
        {{ parse_timestamp(text) }}
    {%- elif column.type == 'whole' -%}
        cast({{ parse_number(text) }} as bigint)
    {%- elif column.type == 'number' -%}
        {{ parse_number(text) }}
    {%- else -%}
        {{ exceptions.raise_compiler_error("Column " ~ column.name ~ " is declared with the unknown type " ~ column.type) }}
    {%- endif -%}
{% endmacro %}
