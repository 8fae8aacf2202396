{% macro fail_on_wrong_experiments(experiments) %}
    {% if execute %}
        {% set sentences = [] %}
        {% for row in run_query('select * from ' ~ experiments).rows %}
            {% for problem in problems_of_experiment(row) %}
                {% do sentences.append('Experiment ' ~ (row['experiment_name'] or 'without a name') ~ ': ' ~ problem ~ '.') %}
            {% endfor %}
        {% endfor %}
        {% set names = run_query(
            'select experiment_name from ' ~ experiments ~ ' group by experiment_name having count(*) > 1'
        ).columns[0].values() %}
        {% for name in names %}
            {% do sentences.append('Experiment ' ~ name ~ ': it is declared more than once.') %}
        {% endfor %}
        {% if sentences %}
            {% do exceptions.raise_compiler_error('reference.experiments: ' ~ sentences | sort | join('\n  ')) %}
        {% endif %}
    {% endif %}
{% endmacro %}
