-- Do mobiles hold clients back? Activation of accounts in time, among complete ones, and the first sessions of clients.
with

accounts as (

    select
        coalesce(device_type, 'unknown') as device_type,
        count(*) as complete_accounts,
        count_if(is_activated) as activated_in_time,
        median(seconds_to_activation) / 3600 as median_hours_to_activation
    from {{ ref('fct_activations') }}
    where is_complete
    group by coalesce(device_type, 'unknown')

),

clients as (

    select
        coalesce(device_type, 'unknown') as device_type,
        count(*) as complete_clients,
        count_if(is_activated_in_first_session) as activated_in_first_session,
        count_if(came_back_within_a_day) as came_back_within_a_day,
        median(duration_seconds) / 60 as median_minutes
    from {{ ref('fct_first_sessions') }}
    where is_complete
    group by coalesce(device_type, 'unknown')

)

select
    clients.device_type,
    accounts.complete_accounts,
    round(100.0 * accounts.activated_in_time / accounts.complete_accounts, 1) as percent_activated_in_time,
    round(accounts.median_hours_to_activation, 1) as median_hours_to_activation,
    clients.complete_clients,
    round(100.0 * clients.activated_in_first_session / clients.complete_clients, 1) as percent_in_first_session,
    round(100.0 * clients.came_back_within_a_day / clients.complete_clients, 1) as percent_back_within_a_day,
    round(clients.median_minutes, 1) as median_minutes_of_first_session
from clients
left join accounts on clients.device_type = accounts.device_type
order by clients.complete_clients desc, clients.device_type asc
