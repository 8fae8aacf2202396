{% macro keep_judged(base) %}
    {% set feed = feeds() | selectattr('model', 'equalto', base.identifier) | first %}
    {% do run_query('drop table if exists ' ~ judged_table(base)) %}
    create table {{ judged_table(base) }} using parquet as
    {{ judged_rows(feed.source, feed.name) }}
{% endmacro %}
