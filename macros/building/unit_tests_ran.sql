{% macro unit_tests_ran(results) %}
    {{ return(results | selectattr('node.resource_type', 'equalto', 'unit_test') | list | length > 0) }}
{% endmacro %}
