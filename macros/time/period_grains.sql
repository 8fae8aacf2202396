{% macro period_grains() %}
    {{ return(['day', 'week', 'month']) }}
{% endmacro %}
