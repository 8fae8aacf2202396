with

engagement as (

    select * from {{ ref('fct_new_user_engagement') }}

),

users as (

    select * from {{ ref('int_users_profiled') }}
    where created_on is not null

),

activations as (

    select
        user_id,
        bool_or(is_complete) as is_eligible,
        bool_or(is_complete and is_activated) as is_activated
    from {{ ref('fct_activations') }}
    group by user_id

),

weeks as (

    select * from {{ ref('int_cohorts_sized') }}
    where
        cohort_basis = 'creation'
        and cohort_grain = 'week'

),

returns as (

    select * from {{ ref('int_user_returns_numbered') }}
    where
        cohort_basis = 'creation'
        and cohort_grain = 'week'
        and retention_kind = 'on'
        and period_number = {{ var('campaign_retention_week') }}

),

orders as (

    select * from {{ ref('stg_platform__orders') }}
    where ordered_at <= {{ as_of('orders') }}

),

ordered as (

    select
        users.user_id,
        count(*) as orders
    from users
    inner join orders
        on
            users.user_id = orders.user_id
            and users.created_at <= orders.ordered_at
            and orders.ordered_at < users.created_at + interval '{{ var("campaign_order_days") }} days'
    group by users.user_id

)

select
    users.user_id,
    users.created_on,
    users.acquisition_channel,
    users.acquisition_campaign,
    engagement.is_complete_{{ chat_initiation_days() | max }}d as is_chat_eligible,
    engagement.initiated_within_{{ chat_initiation_days() | max }}d as is_chat_initiated,
    coalesce(activations.is_eligible, false) as is_activation_eligible,
    coalesce(activations.is_activated, false) as is_activated,
    coalesce(
        weeks.first_complete_number <= {{ var('campaign_retention_week') }}
        and weeks.last_complete_number >= {{ var('campaign_retention_week') }},
        false
    ) as is_retention_eligible,
    returns.user_id is not null as is_retained,
    coalesce(
        users.created_at >= {{ observed_from('orders') }}
        and users.created_at + interval '{{ var("campaign_order_days") }} days' <= {{ as_of('orders') }},
        false
    ) as is_order_eligible,
    coalesce(ordered.orders, 0) as orders
from users
inner join engagement on users.user_id = engagement.user_id
left join activations on users.user_id = activations.user_id
left join weeks on {{ period_index('week', 'users.created_on') }} = weeks.cohort_index
left join returns on users.user_id = returns.user_id
left join ordered on users.user_id = ordered.user_id
