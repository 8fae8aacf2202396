with

accounts as (

    select * from {{ ref('stg_onboarding__accounts') }}

),

milestones as (

    select * from {{ ref('int_milestones') }}
    where milestone = '{{ var("activation_milestone") }}'

),

contacts as (

    select
        account_id,
        event_id,
        event_at,
        row_number() over (partition by account_id order by event_at, event_id) as contact_number
    from {{ ref('int_events_sessionized') }}
    where
        event_name = '{{ var("activation_contact_event") }}'
        and account_id is not null

),

with_contacts as (

    select
        account_id,
        min(case when contact_number = {{ var('activation_contacts') }} then event_id end) as event_id,
        min(case when contact_number = {{ var('activation_contacts') }} then event_at end) as activated_at
    from contacts
    group by account_id

)

select
    accounts.account_id,
    accounts.client_id as user_id,
    case when with_contacts.account_id is null then milestones.event_id else with_contacts.event_id end as event_id,
    case when with_contacts.account_id is null then milestones.reached_at else with_contacts.activated_at end
        as activated_at
from accounts
left join with_contacts on accounts.account_id = with_contacts.account_id
left join milestones on accounts.account_id = milestones.account_id
where
    with_contacts.event_id is not null
    or (with_contacts.account_id is null and milestones.event_id is not null)
