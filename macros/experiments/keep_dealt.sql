{% macro keep_dealt(dealt) %}
    {% if execute and target.type == 'duckdb' %}
        {% set problem = run_query("select keep_assignments('" ~ dealt ~ "')").rows[0][0] %}
        {% if problem %}
            {% do exceptions.raise_compiler_error(problem) %}
        {% endif %}
    {% endif %}
{% endmacro %}
