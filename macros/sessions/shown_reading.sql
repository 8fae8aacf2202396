{% macro shown_reading() %}
    {{ return('stream' if var('milestones_are_events') else 'enclosing') }}
{% endmacro %}
