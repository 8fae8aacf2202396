{% macro log_touched(started_at) %}
    {% if execute and is_incremental() %}
        {% set counts = run_query(
            "select coalesce(sum(changed_events), 0), count(*), (select count(distinct session_id) from " ~ this
            ~ " as written inner join " ~ touched_by(this) ~ " as who on written.user_id = who.user_id and written."
            ~ started_at ~ " >= who.recompute_from), (select count(*) from " ~ this ~ " as written inner join "
            ~ touched_by(this) ~ " as who on written.user_id = who.user_id and written." ~ started_at
            ~ " >= who.recompute_from) from " ~ touched_by(this)
        ).rows[0] %}
        {% do log(
            this.identifier ~ ': ' ~ '{:,}'.format(counts[0] | int) ~ ' events came in, '
            ~ '{:,}'.format(counts[1] | int) ~ ' users and ' ~ '{:,}'.format(counts[2] | int)
            ~ ' sessions touched, ' ~ '{:,}'.format(counts[3] | int) ~ ' rows written', info=true
        ) %}
    {% endif %}
{% endmacro %}
