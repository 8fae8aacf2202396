{% macro attempt_columns() %}
    {{ return(['funnel_name', 'kind', 'user_id', 'entry_place', 'entry_session_number', 'entered_at', 'closes_at']) }}
{% endmacro %}
