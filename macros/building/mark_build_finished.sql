{% macro mark_build_finished(results) %}
    {% set is_whole = flags.WHICH == 'build' and not invocation_args_dict.select and not invocation_args_dict.exclude %}
    {% set not_passed = results | rejectattr('status', 'in', ['success', 'pass', 'warn']) | list %}
    {% if is_whole and not not_passed %}
        update raw.build_state set is_publishable = true
    {% endif %}
{% endmacro %}
