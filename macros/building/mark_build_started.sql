{% macro mark_build_started() %}
    {% if flags.WHICH in ('build', 'run', 'retry', 'seed', 'snapshot') %}
        create schema if not exists raw;
        create or replace table raw.build_state as select false as is_publishable;
    {% endif %}
{% endmacro %}
