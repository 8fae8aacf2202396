{% macro cohort_bases() %}
    {{ return({'first_activity': 'first_active', 'creation': 'created'}) }}
{% endmacro %}
