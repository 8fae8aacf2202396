{% macro checked_rows(source_name, feed) %}
    {%- set declared = declared_feed(source_name, feed) -%}
    {%- set names = declared.columns | map(attribute='name') | list -%}

    with

    judged as (

        {{ judged_once(source_name, feed, after_load=0) }}

    ),

    ranked as (

        select
            *,
            row_number() over same_key as place_among_same_key,
            {{ row_as_json(names) }} as content,
            first_value({{ row_as_json(names) }}) over same_key as winning_content
        from judged
        window same_key as (
            partition by reasons is null, {{ declared.key }}
            order by
                {%- if declared.newest_by is defined %}
                {{ declared.newest_by }} desc nulls last,
                {{ row_as_json(names) }} desc,
                {%- endif %}
                file_name desc,
                row_number desc
        )

    ),

    decided as (

        select
            *,
            case
                when reasons is not null then 'rejected'
                when place_among_same_key = 1 then 'accepted'
                when content = winning_content then 'duplicate'
                else 'rejected'
            end as outcome
        from ranked

    ),

    conflicts as (

        {{ raw_rows_of('decided', "outcome = 'rejected' and reasons is null", source_name, feed) }}

    )

    select
        decided.file_name,
        decided.row_number,
        {%- for name in names %}
        decided.{{ name }},
        {%- endfor %}
        decided.outcome,
        case when decided.outcome = 'rejected' then coalesce(decided.reasons, 'conflicting_duplicate') end as reasons,
        coalesce(decided.raw_row, conflicts.raw_row) as raw_row
    from decided
    left join conflicts
        on decided.file_name = conflicts.file_name and decided.row_number = conflicts.row_number
{% endmacro %}
