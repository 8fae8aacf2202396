{% macro first_session_features() %}
    {% set features = ['duration_seconds', 'event_count', 'distinct_event_count', 'came_back_within_a_day'] %}
    {% for category in event_categories() if category != 'milestone' %}
        {% do features.append(category ~ '_event_count') %}
    {% endfor %}
    {% for kind in first_session_kinds() %}
        {% do features.append(kind ~ '_place') %}
    {% endfor %}
    {{ return(features) }}
{% endmacro %}
