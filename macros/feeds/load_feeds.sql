{% macro load_feeds() %}
    {% if execute and flags.WHICH in ('build', 'run', 'retry') %}
        {% set declarations = [] %}
        {% for feed in feeds() %}
            {% do declarations.append(declared_feed(feed.source, feed.name)) %}
        {% endfor %}
        {% set answer = run_query(
            "select load_feeds('" ~ tojson(declarations) | replace("'", "''") ~ "', " ~ flags.FULL_REFRESH ~ ")"
        ) %}
        {% set report = fromjson(answer.rows[0][0]) %}
        {% for line in report.loaded %}
            {% do log(line, info=true) %}
        {% endfor %}
        {% for line in report.warnings %}
            {% do exceptions.warn('Warning: ' ~ line) %}
        {% endfor %}
        {% if report.errors %}
            {% do exceptions.raise_compiler_error(report.errors | join('\n  ')) %}
        {% endif %}
    {% endif %}
{% endmacro %}
