with

orders as (

    select * from {{ ref('stg_platform__orders') }}

)

select
    order_id,
    user_id,
    cast(row_number() over (partition by user_id order by ordered_at, order_id) as bigint) as order_number,
    {{ period_start('day', 'ordered_at') }} as ordered_on,
    cast(order_value as double) as order_value,
    ordered_at
from orders
