{% macro fail_on_rejected_share(reconciliation, rejected_rows) %}
    {% if execute %}
        {% set too_many = run_query(
            "select feed, raw_rows, rejected_rows from " ~ reconciliation
            ~ " where rejected_rows > raw_rows * " ~ var("max_rejected_share") ~ " order by feed"
        ) %}
        {% set sentences = [] %}
        {% for feed in too_many.rows %}
            {% set reasons = run_query(
                "select reason || ' (' || count(*) || ')' as reason_with_count from ("
                ~ "select " ~ elements_of("reasons", "; ") ~ " as reason from " ~ rejected_rows
                ~ " where feed = '" ~ feed[0] ~ "') group by reason order by count(*) desc, reason"
            ) %}
            {% do sentences.append(
                'Feed ' ~ feed[0] ~ ': ' ~ feed[2] ~ ' of ' ~ feed[1] ~ ' rows are rejected, more than max_rejected_share ('
                ~ var('max_rejected_share') ~ ') allows: ' ~ (reasons.columns[0].values() | join(', '))
                ~ '. The rows stand in quality.rejected_rows of the build file.'
            ) %}
        {% endfor %}
        {% if sentences %}
            {% do exceptions.raise_compiler_error(sentences | join('\n  ')) %}
        {% endif %}
    {% endif %}
{% endmacro %}
