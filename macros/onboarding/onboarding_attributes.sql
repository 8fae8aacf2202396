{% macro onboarding_attributes(entity) %}
    {% set attributes = {
        'client': [
            'client_creationdate', 'country_group', 'support_provided', 'traffic_source', 'first_device_type_of_user'
        ],
        'account': [
            'client_id', 'admin_status', 'hear_source', 'account_creationdate', 'industry', 'initial_channel',
            'first_account_for_user', 'current_account_status', 'ig_followerscount', 'ig_enable_dttm',
            'ig_activation_dttm', 'first_ig_flow_publish_dttm', 'trial_dttm', 'paid_dttm', 'pro_dttm', 'ltv_predicted'
        ],
    } %}
    {{ return(attributes[entity]) }}
{% endmacro %}
