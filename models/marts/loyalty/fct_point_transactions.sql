with

transactions as (

    select * from {{ ref('stg_loyalty__point_transactions') }}

),

running as (

    select
        *,
        sum(signed_points) over (
            partition by user_id
            order by transaction_at, transaction_id
            rows unbounded preceding
        ) as balance
    from transactions

)

select
    transaction_id,
    user_id,
    transaction_at,
    {{ period_start('day', 'transaction_at') }} as transaction_on,
    transaction_type,
    points,
    signed_points,
    cast(balance as bigint) as balance,
    transaction_type = 'redeem' and balance < 0 as is_overdraft
from running
