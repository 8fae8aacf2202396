{% macro mark_applied(rules) %}
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
