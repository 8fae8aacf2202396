{% macro checked_events(source_name, feed, event_id, content) %}
    {%- set declared = declared_feed(source_name, feed) -%}
    {%- set names = declared.columns | map(attribute='name') | list -%}
    {#- On Spark the table is built whole and remembers no verdict of before: any that a load could have changed, did. -#}
    {%- set remembers = target.type != 'spark' -%}
    {%- set last_load = newest_load(this) if is_incremental() else 0 -%}

    with

    judged as (

        {{ judged_once(source_name, feed, after_load=last_load) }}

    ),

    identified as (

        select
            *,
            case when reasons is null then {{ event_id }} end as id_of_event
        from judged

    ),

    -- Ids that more than one valid row has, here or among the rows of earlier loads.
    repeated as (

        select id_of_event
        from identified
        where reasons is null
        group by id_of_event
        having count(*) > 1
        {% if is_incremental() %}
        union
        select identified.id_of_event
        from identified
        inner join {{ this }} as earlier on identified.id_of_event = earlier.id_of_event
        where identified.reasons is null
        {% endif %}
    ),

    contested as (

        select
            identified.*,
            cast(null as string) as outcome_before
        from identified
        inner join repeated on identified.id_of_event = repeated.id_of_event
        where identified.reasons is null
        {% if is_incremental() %}
        union all
        select
            earlier.file_name,
            earlier.row_number,
            earlier.load_number,
            earlier.first_loaded_at,
            {%- for name in names %}
            earlier.{{ name }},
            {%- endfor %}
            cast(null as string) as reasons,
            cast(null as string) as raw_row,
            earlier.id_of_event,
            earlier.outcome as outcome_before
        from {{ this }} as earlier
        inner join repeated on earlier.id_of_event = repeated.id_of_event
        {% endif %}
    ),

    weighed as (

        select
            *,
            {{ content }} as content,
            first_value({{ content }}) over (
                partition by id_of_event
                order by {{ 'loaded_at desc nulls last, ' if 'loaded_at' in names }}{{ content }} desc
            ) as winning_content
        from contested

    ),

    ranked as (

        select
            *,
            row_number() over (
                partition by id_of_event, content
                order by {{ 'coalesce(loaded_at, first_loaded_at)' if 'loaded_at' in names else 'first_loaded_at' }}, file_name, row_number
            ) as place_among_same_content
        from weighed

    ),

    decided as (

        select
            *,
            case
                when content != winning_content then 'rejected'
                when place_among_same_content = 1 then 'accepted'
                else 'duplicate'
            end as outcome
        from ranked

    ),

    changes as (

        select * from decided
        where outcome_before is null or outcome_before != outcome

    ),

    conflicts as (

        {{ raw_rows_of('changes', "outcome = 'rejected'", source_name, feed) }}

    ),

    -- Read once each: a stream of events does not fit into memory twice.
    outcomes as (

        select
            identified.*,
            case when identified.reasons is null then 'accepted' else 'rejected' end as outcome,
            {%- if not remembers %}
            identified.load_number as judged_in_load,
            {%- endif %}
            false as was_accepted
        from identified
        left join repeated on identified.id_of_event = repeated.id_of_event
        where
            identified.reasons is not null
            or repeated.id_of_event is null

        union all

        select
            changes.file_name,
            changes.row_number,
            changes.load_number,
            changes.first_loaded_at,
            {%- for name in names %}
            changes.{{ name }},
            {%- endfor %}
            case when changes.outcome = 'rejected' then 'conflicting_duplicate' end as reasons,
            coalesce(changes.raw_row, conflicts.raw_row) as raw_row,
            changes.id_of_event,
            changes.outcome,
            {%- if not remembers %}
            max(changes.load_number) over (partition by changes.id_of_event) as judged_in_load,
            {%- endif %}
            {{ "coalesce(changes.outcome_before = 'accepted', false)" if remembers else "changes.outcome != 'accepted'" }}
                as was_accepted
        from changes
        left join conflicts
            on changes.file_name = conflicts.file_name and changes.row_number = conflicts.row_number

    )

    select
        file_name,
        row_number,
        load_number,
        first_loaded_at,
        id_of_event,
        {%- for name in names %}
        {{ name }},
        {%- endfor %}
        outcome,
        reasons,
        raw_row,
        was_accepted,
        {%- if remembers %}
        (select max(_load_number) from {{ source(source_name, feed) }} where _load_number > {{ last_load }})
            as judged_in_load
        {%- else %}
        judged_in_load
        {%- endif %}
    from outcomes
{% endmacro %}
