{% macro experiment_checks() %}
    {{ return([
        {'name': 'exposed_before_assignment', 'unit': 'users', 'affected': 'exposed_before', 'out_of': 'assigned'},
        {'name': 'two_variants', 'unit': 'users', 'affected': 'in_two_variants', 'out_of': 'exposed'},
        {'name': 'another_variant', 'unit': 'users', 'affected': 'exposed_to_another', 'out_of': 'exposed'},
        {'name': 'not_assigned', 'unit': 'users', 'affected': 'not_assigned', 'out_of': 'exposed'},
        {'name': 'never_exposed', 'unit': 'users', 'affected': 'never_exposed', 'out_of': 'assigned'},
        {'name': 'unknown_variant', 'unit': 'exposures', 'affected': 'of_unknown_variant', 'out_of': 'exposures'},
        {'name': 'out_of_time', 'unit': 'exposures', 'affected': 'out_of_time', 'out_of': 'exposures'},
        {'name': 'unknown_experiment', 'unit': 'exposures', 'affected': 'of_unknown_experiment', 'out_of': 'exposures'},
    ]) }}
{% endmacro %}
