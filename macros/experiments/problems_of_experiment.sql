{% macro problems_of_experiment(row) %}
    {% set problems = [] %}
    {% set variants = (row['variants'] or '').split('|') %}
    {% set weights = (row['weights'] or '').split('|') %}
    {% set strata_columns = row['strata_columns'].split('|') if row['strata_columns'] else [] %}
    {% if not row['experiment_name'] %}
        {% do problems.append('experiment_name is empty') %}
    {% endif %}
    {% if row['unit'] != 'user' %}
        {% do problems.append('unit is ' ~ row['unit'] ~ ', and can only be user') %}
    {% endif %}
    {% if variants | length < 2 %}
        {% do problems.append('it needs at least two variants, separated by bars') %}
    {% endif %}
    {% if variants | select('equalto', '') | list or variants | map('trim') | list != variants %}
        {% do problems.append('a variant is empty, or has blanks around it') %}
    {% endif %}
    {% if variants | unique | list | length < variants | length %}
        {% do problems.append('a variant stands there twice') %}
    {% endif %}
    {% if weights | length != variants | length %}
        {% do problems.append('there are ' ~ variants | length ~ ' variants and ' ~ weights | length ~ ' weights') %}
    {% endif %}
    {% if weights | reject('in', range(1, 1001) | map('string') | list) | list %}
        {% do problems.append('weights are whole numbers from 1 to 1000, not ' ~ row['weights']) %}
    {% endif %}
    {% for column in strata_columns | reject('in', stratum_attributes()) %}
        {% do problems.append(column ~ ' in strata_columns is none of ' ~ stratum_attributes() | join(', ')) %}
    {% endfor %}
    {% if row['assignment'] not in ('blocks', 'exposures') %}
        {% do problems.append('assignment is ' ~ row['assignment'] ~ ', and can only be blocks or exposures') %}
    {% endif %}
    {% if row['assignment'] == 'blocks' and not row['salt'] %}
        {% do problems.append('it needs a salt') %}
    {% endif %}
    {% if not row['starts_at'] or not row['ends_at'] or row['starts_at'] >= row['ends_at'] %}
        {% do problems.append('it needs a starts_at, and an ends_at that is later') %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
