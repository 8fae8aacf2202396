with

events as (

    select * from {{ ref('int_events_sessionized') }}

),

activations as (

    select * from {{ ref('int_accounts_activated') }}

),

clients as (

    select * from {{ ref('stg_onboarding__clients') }}

),

activated_users as (

    select
        activations.user_id,
        min(activations.activated_at) as activated_at
    from activations
    inner join clients on activations.user_id = clients.client_id
    where {{ is_new_client('clients.created_at') }}
    group by activations.user_id

)

select
    activated_users.user_id,
    cast(max(events.session_number) as bigint) as sessions_before_activation,
    activated_users.activated_at
from activated_users
inner join events
    on
        activated_users.user_id = events.user_id
        and activated_users.activated_at > events.event_at
group by activated_users.user_id, activated_users.activated_at
