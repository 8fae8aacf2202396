{% macro first_session_kinds() %}
    {{ return(['onboarding', 'tutorial', 'builder', 'trial']) }}
{% endmacro %}
