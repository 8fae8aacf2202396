{% macro mark_build_finished(results) %}
    {% set is_whole = flags.WHICH == 'build' and not flags.EMPTY and not invocation_args_dict.sample %}
    {% set passed = results | selectattr('status', 'in', ['success', 'pass', 'warn'])
        | map(attribute='node.unique_id') | list %}
    {% set needed = graph.nodes.values() | selectattr('config.enabled')
        | selectattr('resource_type', 'in', ['model', 'seed', 'snapshot', 'test']) | map(attribute='unique_id') | list %}
    {% set missing = needed | reject('in', passed) | list %}
    {% set not_passed = results | rejectattr('status', 'in', ['success', 'pass', 'warn']) | list %}
    {% if execute and is_whole and not missing and not not_passed and unit_tests_ran(results) %}
        update raw.build_state set is_publishable = true
    {% endif %}
{% endmacro %}
