{% macro recent_measures() %}
    {{ return(feature_measures() | reject('in', ['order_count', 'point_change']) | list) }}
{% endmacro %}
