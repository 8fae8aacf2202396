{% macro chat_initiation_days() %}
    {{ return([1, 7]) }}
{% endmacro %}
