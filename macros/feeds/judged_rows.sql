{% macro judged_rows(source_name, feed, after_load=0) %}
    {%- set declared = declared_feed(source_name, feed) -%}
    {%- set columns = declared.columns -%}
    {%- set names = columns | map(attribute='name') | list -%}

    with

    raw_rows as (

        select * from {{ source(source_name, feed) }}
        where _load_number > {{ after_load }}

    ),

    trimmed as (

        select
            *,
            {%- for name in names %}
            {{ trim_blanks(name) }} as {{ name }}_text{{ ',' if not loop.last }}
            {%- endfor %}
        from raw_rows

    ),

    typed as (

        select
            *,
            {%- for column in columns %}
            {{ feed_value(column) }} as {{ column.name }}_value{{ ',' if not loop.last }}
            {%- endfor %}
        from trimmed

    ),

    judged as (

        select
            *,
            coalesce(
                _broken_reason,
                nullif(concat_ws(
                    '; ',
                    {%- for column in columns %}
                    {{ feed_reason(column, 'loaded_at' in names) }}{{ ',' if not loop.last }}
                    {%- endfor %}
                ), '')
            ) as reasons
        from typed

    )

    select
        _file_name as file_name,
        _row_number as row_number,
        _load_number as load_number,
        _loaded_at as first_loaded_at,
        {%- for name in names %}
        {{ name }}_value as {{ name }},
        {%- endfor %}
        reasons,
        case when reasons is not null then {{ raw_row_as_json(names) }} end as raw_row
    from judged
{% endmacro %}
