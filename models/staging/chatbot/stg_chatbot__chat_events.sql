with

checked as (

    select * from {{ ref('base_chatbot__chat_events') }}

)

select
    event_id,
    user_id,
    cast(null as string) as account_id,
    event_name,
    device_type,
    event_at,
    coalesce(loaded_at, first_loaded_at) as loaded_at
from checked
where outcome = 'accepted'
