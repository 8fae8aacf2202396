{% macro checked_rows(source_name, feed) %}
    {%- set declared = declared_feed(source_name, feed) -%}
    {%- set columns = declared.columns -%}
    {%- set names = columns | map(attribute='name') | list -%}

    with

    raw_rows as (

        select * from {{ source(source_name, feed) }}

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
                    {{ feed_reason(column) }}{{ ',' if not loop.last }}
                    {%- endfor %}
                ), '')
            ) as reasons_of_values
        from typed

    ),

    ranked as (

        select
            *,
            {{ row_as_json(names, suffix='_value') }} as content,
            row_number() over same_key as place_among_same_key,
            first_value({{ row_as_json(names, suffix='_value') }}) over same_key as winning_content
        from judged
        window same_key as (
            partition by reasons_of_values is null, {{ declared.key }}_value
            order by _file_name desc, _row_number desc
        )

    ),

    decided as (

        select
            *,
            case
                when reasons_of_values is not null then 'rejected'
                when place_among_same_key = 1 then 'accepted'
                when content = winning_content then 'duplicate'
                else 'rejected'
            end as outcome
        from ranked

    )

    select
        _file_name as file_name,
        _row_number as row_number,
        {%- for name in names %}
        {{ name }}_value as {{ name }},
        {%- endfor %}
        outcome,
        case when outcome = 'rejected' then coalesce(reasons_of_values, 'conflicting_duplicate') end as reasons,
        case
            when outcome = 'rejected' and _broken_reason is not null then {{ row_as_json(['_broken_line']) }}
            when outcome = 'rejected' then {{ merge_json(row_as_json(names), '_other_columns') }}
        end as raw_row
    from decided
{% endmacro %}
