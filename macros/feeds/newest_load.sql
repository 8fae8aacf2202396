{% macro newest_load(relation) %}
    {% if execute %}
        {{ return(run_query('select coalesce(max(judged_in_load), 0) from ' ~ relation).rows[0][0] | int) }}
    {% endif %}
    {{ return(0) }}
{% endmacro %}
