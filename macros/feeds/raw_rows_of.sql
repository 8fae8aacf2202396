{% macro raw_rows_of(rows, condition, source_name, feed) -%}
    {%- set names = declared_feed(source_name, feed).columns | map(attribute='name') | list -%}
    select
        _file_name as file_name,
        _row_number as row_number,
        {{ raw_row_as_json(names) }} as raw_row
    from {{ source(source_name, feed) }}
    where (_file_name, _row_number) in (
        select
            {{ rows }}.file_name,
            {{ rows }}.row_number
        from {{ rows }}
        where {{ condition }}
    )
{%- endmacro %}
