with

users as (

    select * from {{ ref('fct_new_user_outcomes') }}

),

levels as (

    select
        *,
        acquisition_campaign as campaign
    from users

    union all

    select
        *,
        'all' as campaign
    from users

),

counted as (

    select
        acquisition_channel,
        campaign as acquisition_campaign,
        count(*) as registrations,
        count_if(is_chat_eligible) as chat_eligible_users,
        count_if(is_chat_eligible and is_chat_initiated) as chat_initiated_users,
        count_if(is_activation_eligible) as activation_eligible_users,
        count_if(is_activation_eligible and is_activated) as activated_users,
        count_if(is_retention_eligible) as retention_eligible_users,
        count_if(is_retention_eligible and is_retained) as retained_users,
        count_if(is_order_eligible) as order_eligible_users,
        count_if(is_order_eligible and orders > 0) as ordering_users,
        sum(case when is_order_eligible then orders else 0 end) as orders
    from levels
    group by acquisition_channel, campaign

)

select
    acquisition_channel,
    acquisition_campaign,
    registrations,
    cast(chat_eligible_users as bigint) as chat_eligible_users,
    cast(chat_initiated_users as bigint) as chat_initiated_users,
    {{ ratio('chat_initiated_users', 'chat_eligible_users') }} as chat_initiation_rate,
    cast(activation_eligible_users as bigint) as activation_eligible_users,
    cast(activated_users as bigint) as activated_users,
    {{ ratio('activated_users', 'activation_eligible_users') }} as activation_rate,
    cast(retention_eligible_users as bigint) as retention_eligible_users,
    cast(retained_users as bigint) as retained_users,
    {{ ratio('retained_users', 'retention_eligible_users') }} as retention_rate,
    cast(order_eligible_users as bigint) as order_eligible_users,
    cast(ordering_users as bigint) as ordering_users,
    {{ ratio('ordering_users', 'order_eligible_users') }} as ordering_rate,
    cast(orders as bigint) as orders,
    {{ ratio('orders', 'order_eligible_users') }} as orders_per_user
from counted
