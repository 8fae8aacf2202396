{% macro mark_build_finished(results) %}
    {% if execute and flags.WHICH == 'build' and not flags.EMPTY and not invocation_args_dict.sample %}
        {#- A saved query of the metric layer is a node of which there is nothing to build. -#}
        {% set passed = results | selectattr('status', 'in', ['success', 'pass', 'warn', 'no-op']) | list %}
        {% set needed = graph.nodes.values() | selectattr('config.enabled')
            | selectattr('resource_type', 'in', ['model', 'seed', 'snapshot', 'test'])
            | map(attribute='unique_id') | list %}
        {% set missing = needed | reject('in', passed | map(attribute='node.unique_id') | list) | list %}
        {% set unit_tests = passed | selectattr('node.resource_type', 'equalto', 'unit_test') | list %}
        {% if not missing and unit_tests and passed | length == results | length %}
            update raw.build_state set is_publishable = true
        {% endif %}
    {% endif %}
{% endmacro %}
