{{ config(materialized='table') }}

with

-- Replayed events count here, too: a later export may know more of their account.
rows_of_accounts as (

    select * from {{ ref('base_onboarding__onboarding_events') }}
    where
        outcome != 'rejected'
        and account_id is not null

),

-- Exports repeat what they know on every row: few rows say anything new.
states as (

    select
        {%- for attribute in onboarding_attributes('account') %}
        {{ attribute }},
        {%- endfor %}
        account_id,
        {{ order_told() }} as recency
    from rows_of_accounts
    group by
        {%- for attribute in onboarding_attributes('account') %}
        {{ attribute }},
        {%- endfor %}
        account_id

),

accounts as (

    select
        {%- for attribute in onboarding_attributes('account') %}
        {{ latest_known(attribute, 'recency') }} as {{ attribute }},
        {%- endfor %}
        account_id
    from states
    group by account_id

)

select
    account_id,
    client_id,
    admin_status,
    hear_source,
    industry,
    initial_channel,
    first_account_for_user,
    current_account_status,
    ig_followerscount as follower_count,
    ltv_predicted as predicted_lifetime_value,
    account_creationdate as created_at,
    ig_enable_dttm as ig_enabled_at,
    ig_activation_dttm as ig_activated_at,
    first_ig_flow_publish_dttm as ig_flow_published_at,
    trial_dttm as trial_started_at,
    paid_dttm as paid_at,
    pro_dttm as pro_enabled_at
from accounts
