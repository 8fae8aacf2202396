{% macro path_scopes() %}
    {{ return({
        'all_sessions': 'true',
        'first_session': 'is_first_session',
        'before_activation': 'is_before_activation',
    }) }}
{% endmacro %}
