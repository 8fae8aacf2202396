{% macro onboarding_attributes(entity) %}
    {% set declared = declared_feed('onboarding', 'onboarding_events').columns %}
    {% set owner = ['client_id'] if entity == 'account' else [] %}
    {{ return(owner + declared | selectattr('of', 'equalto', entity) | map(attribute='name') | list) }}
{% endmacro %}
