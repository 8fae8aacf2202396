{% macro milestone_dates() %}
    {% set declared = declared_feed('onboarding', 'onboarding_events').columns %}
    {{ return(declared | selectattr('type', 'equalto', 'timestamp') | selectattr('of', 'defined') | list) }}
{% endmacro %}
