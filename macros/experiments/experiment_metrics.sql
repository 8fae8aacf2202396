{#- A rate is a mean of zeros and ones. -#}
{% macro experiment_metrics() %}
    {{ return([
        {'name': 'chat_initiation', 'is_rate': true, 'subject': 'chat_initiation', 'windows': 1},
        {'name': 'retention', 'is_rate': true, 'subject': 'activity', 'windows': 2},
        {'name': 'engagement', 'is_rate': false, 'subject': 'activity', 'windows': 1},
    ]) }}
{% endmacro %}
