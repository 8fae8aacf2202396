{% macro mark_applied(rules) %}
    {{ adapter.dispatch('mark_applied')(rules) }}
{% endmacro %}

{% macro duckdb__mark_applied(rules) %}
    delete from {{ applied_loads(this) }} where consumer = '{{ this.identifier }}';
    insert into {{ applied_loads(this) }}
    select
        '{{ this.identifier }}' as consumer,
        feed,
        max(judged_in_load) as load_number,
        {{ rules }} as rules
    from {{ ref('int_events_changed') }}
    group by feed;
{% endmacro %}

{% macro spark__mark_applied(rules) %}
    {#- A bucket that nobody is in any more is not overwritten by what is built: it is dropped here. -#}
    {% if execute %}
        {% set emptied = run_query(
            "select distinct user_bucket from " ~ this ~ " where user_bucket not in (select "
            ~ user_bucket("user_id") ~ " from " ~ ref("int_events") ~ ")"
        ) %}
        {% for bucket in emptied.rows %}
            {% do run_query('alter table ' ~ this ~ ' drop if exists partition (user_bucket = ' ~ bucket[0] ~ ')') %}
        {% endfor %}
    {% endif %}
    insert overwrite table {{ applied_loads(this) }} partition (consumer = '{{ this.identifier }}')
    select
        feed,
        max(judged_in_load) as load_number,
        {{ bucketed(rules) }} as rules
    from {{ ref('int_events_changed') }}
    group by feed
{% endmacro %}
