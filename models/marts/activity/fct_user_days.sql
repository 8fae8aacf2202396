{{ config(materialized='view') }}

with

user_days as (

    select * from {{ ref('int_user_days_united') }}

)

select
    user_id,
    active_on,
    previous_active_on is null as is_first_active_day,
    {{ period_index('day', 'active_on') }} - {{ period_index('day', 'previous_active_on') }}
        as days_since_previous_active_day,
    event_count,
    session_count,
    message_count,
    moderated_session_count,
    moderated_message_count,
    first_active_at,
    last_active_at
from user_days
