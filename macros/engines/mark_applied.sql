{% macro mark_applied(rules, members) %}
    {{ adapter.dispatch('mark_applied')(rules, members) }}
{% endmacro %}

{% macro duckdb__mark_applied(rules, members) %}
    {% set applied = run_query(
        'select feed, load_number from ' ~ applied_loads(this) ~ " where consumer = '" ~ this.identifier ~ "' order by feed"
    ).rows if execute and is_incremental() else [] %}
    delete from {{ applied_loads(this) }} where consumer = '{{ this.identifier }}';
    insert into {{ applied_loads(this) }}
    with
    loads as (
        select
            feed,
            judged_in_load as load_number
        from {{ ref('int_events_changed') }}
        where {{ is_new_to(applied) }}
        {%- for load in applied %}
        union all
        select
            '{{ load[0] }}' as feed,
            {{ load[1] }} as load_number
        {%- endfor %}
    )
    select
        '{{ this.identifier }}' as consumer,
        feed,
        max(load_number) as load_number,
        {{ rules }} as rules
    from loads
    group by feed;
{% endmacro %}

{% macro spark__mark_applied(rules, members) %}
    {#- A bucket that nobody is in any more is not overwritten by what is built: it is dropped here. -#}
    {% if execute %}
        {% set emptied = run_query(
            "select distinct user_bucket from " ~ this ~ " where user_bucket not in (select "
            ~ user_bucket("user_id") ~ " from " ~ members ~ ")"
        ) %}
        {% for bucket in emptied.rows %}
            {% do run_query('alter table ' ~ this ~ ' drop if exists partition (user_bucket = ' ~ bucket[0] ~ ')') %}
        {% endfor %}
    {% endif %}
    insert overwrite table {{ applied_loads(this) }}
    select
        feed,
        max(judged_in_load) as load_number,
        {{ bucketed(rules) }} as rules
    from {{ ref('int_events_changed') }}
    group by feed
{% endmacro %}
