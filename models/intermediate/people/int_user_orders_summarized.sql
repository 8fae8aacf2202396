with

orders as (

    select * from {{ ref('stg_platform__orders') }}
    where ordered_at <= {{ as_of('orders') }}

)

select
    user_id,
    count(*) as order_count,
    count_if(ordered_at > {{ as_of('orders') }} - interval '28 days') as order_count_28d,
    sum({{ exact('order_value') }}) as order_value,
    min(ordered_at) as first_ordered_at,
    max(ordered_at) as last_ordered_at
from orders
group by user_id
