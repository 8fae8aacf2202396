{% macro feeds() %}
    {{ return([
        {'source': 'platform', 'name': 'user_activity', 'model': 'base_platform__user_activity'},
        {'source': 'platform', 'name': 'recommendations', 'model': 'base_platform__recommendations'},
        {'source': 'platform', 'name': 'moderator_performance', 'model': 'base_platform__moderator_performance'},
        {'source': 'platform', 'name': 'users', 'model': 'base_platform__users'},
        {'source': 'platform', 'name': 'orders', 'model': 'base_platform__orders'},
        {'source': 'loyalty', 'name': 'point_transactions', 'model': 'base_loyalty__point_transactions'},
        {'source': 'experiments', 'name': 'experiment_exposures', 'model': 'base_experiments__experiment_exposures'},
        {'source': 'onboarding', 'name': 'onboarding_events', 'model': 'base_onboarding__onboarding_events'},
        {'source': 'chatbot', 'name': 'chat_events', 'model': 'base_chatbot__chat_events'},
    ]) }}
{% endmacro %}
