{% macro path_scopes() %}
    {{ return({
        'all_sessions': 'true',
        'first_session': 'session_number = 1',
        'before_activation': 'session_number <= coalesce(sessions_before_activation, 0)',
    }) }}
{% endmacro %}
