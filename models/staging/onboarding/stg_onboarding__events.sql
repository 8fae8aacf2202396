with

checked as (

    select * from {{ ref('base_onboarding__onboarding_events') }}

)

select
    id_of_event as event_id,
    client_id as user_id,
    account_id,
    event_name,
    first_device_type_of_user as device_type,
    event_dttm as event_at,
    first_loaded_at as loaded_at
from checked
where outcome = 'accepted'
