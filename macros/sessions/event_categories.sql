{% macro event_categories() %}
    {{ return([
        'onboarding', 'tutorial', 'builder', 'channel', 'billing', 'chat', 'navigation', 'milestone', 'other',
    ]) }}
{% endmacro %}
