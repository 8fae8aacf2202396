with

accounts as (

    select * from {{ ref('dim_accounts') }}
    where is_new_client

),

activations as (

    select * from {{ ref('int_accounts_activated') }}

),

sessions as (

    select * from {{ ref('int_milestones_sessionized') }}

),

deadlines as (

    select
        account_id,
        created_at + interval '{{ var("activation_days") }} days' as activated_until
    from accounts

)

select
    accounts.account_id,
    accounts.user_id,
    accounts.device_type,
    accounts.created_at,
    activations.activated_at,
    coalesce(activations.activated_at <= deadlines.activated_until, false) as is_activated,
    coalesce(deadlines.activated_until <= {{ as_of('onboarding') }}, false) as is_complete,
    {{ seconds_between('accounts.created_at', 'activations.activated_at') }} as seconds_to_activation,
    cast(sessions.stream_session_number as bigint) as stream_session_number,
    cast(sessions.enclosing_session_number as bigint) as enclosing_session_number
from accounts
left join deadlines on accounts.account_id = deadlines.account_id
left join activations on accounts.account_id = activations.account_id
left join sessions on activations.event_id = sessions.event_id
