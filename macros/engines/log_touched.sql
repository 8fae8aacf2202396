{% macro log_touched(started_at, unit) %}
    {{ adapter.dispatch('log_touched')(started_at, unit) }}
{% endmacro %}

{% macro duckdb__log_touched(started_at, unit) %}
    {% if execute and is_incremental() %}
        {% set written = run_query(
            'select count(distinct ' ~ ('session_id' if unit == 'sessions' else started_at) ~ '), count(*) from ' ~ this
            ~ ' as written inner join ' ~ touched_by(this) ~ ' as touched on ' ~ is_touched('written', started_at)
            ~ ' where written.' ~ started_at ~ ' >= cast(' ~ first_touched() ~ ' as date)'
        ).rows[0] %}
        {% set counts = run_query('select coalesce(sum(changed_events), 0), count(*) from ' ~ touched_by(this)).rows[0] %}
        {% do log(
            this.identifier ~ ': ' ~ '{:,}'.format(counts[0] | int) ~ ' events came in, '
            ~ '{:,}'.format(counts[1] | int) ~ ' users and ' ~ '{:,}'.format(written[0] | int)
            ~ ' ' ~ unit ~ ' touched, ' ~ '{:,}'.format(written[1] | int) ~ ' rows written', info=true
        ) %}
    {% endif %}
{% endmacro %}

{% macro spark__log_touched(started_at, unit) %}
    {% if execute and is_incremental() %}
        {% set counts = run_query(
            "select coalesce(sum(changed_events), 0), coalesce(sum(changed_users), 0), count(*), (select count(*) from "
            ~ this ~ " where user_bucket in (select user_bucket from " ~ touched_by(this) ~ ")) from " ~ touched_by(this)
        ).rows[0] %}
        {% do log(
            this.identifier ~ ': ' ~ '{:,}'.format(counts[0] | int) ~ ' events came in, '
            ~ '{:,}'.format(counts[1] | int) ~ ' users in ' ~ '{:,}'.format(counts[2] | int) ~ ' of '
            ~ var('spark_user_buckets') ~ ' buckets touched, ' ~ '{:,}'.format(counts[3] | int) ~ ' rows written', info=true
        ) %}
    {% endif %}
{% endmacro %}
