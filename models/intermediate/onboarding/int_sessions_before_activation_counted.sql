with

events as (

    select * from {{ ref('int_events_sessionized') }}

),

accounts as (

    select * from {{ ref('stg_onboarding__accounts') }}

),

activated_users as (

    select
        client_id as user_id,
        min(ig_activated_at) as activated_at
    from accounts
    where ig_activated_at is not null
    group by client_id

)

select
    activated_users.user_id,
    max(events.session_number) as session_count,
    activated_users.activated_at
from activated_users
inner join events
    on
        activated_users.user_id = events.user_id
        and activated_users.activated_at > events.event_at
group by activated_users.user_id, activated_users.activated_at
