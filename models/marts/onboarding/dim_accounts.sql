with

accounts as (

    select * from {{ ref('stg_onboarding__accounts') }}

),

clients as (

    select * from {{ ref('stg_onboarding__clients') }}

)

select
    accounts.account_id,
    accounts.client_id as user_id,
    accounts.admin_status,
    accounts.hear_source,
    accounts.industry,
    accounts.initial_channel,
    accounts.first_account_for_user,
    accounts.current_account_status,
    clients.country_group,
    clients.traffic_source,
    clients.support_provided,
    clients.first_device_type as device_type,
    {{ is_new_client('clients.created_at') }} as is_new_client,
    accounts.follower_count,
    cast(accounts.predicted_lifetime_value as double) as predicted_lifetime_value,
    clients.created_at as client_created_at,
    accounts.created_at
from accounts
left join clients on accounts.client_id = clients.client_id
