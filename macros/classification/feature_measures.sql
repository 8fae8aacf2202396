{% macro feature_measures() %}
    {{ return([
        'event_count', 'chat_count', 'message_count', 'session_count', 'moderated_session_count', 'moderated_minutes',
        'order_count', 'order_value', 'point_transaction_count', 'accrued_points', 'redeemed_points', 'point_change'
    ]) }}
{% endmacro %}
