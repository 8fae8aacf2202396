{% macro order_told() -%}
    row_number() over (order by max((first_loaded_at, event_dttm, id_of_event)) asc nulls first)
{%- endmacro %}
