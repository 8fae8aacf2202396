with

transactions as (

    select * from {{ ref('fct_point_transactions') }}
    where transaction_at <= {{ as_of('loyalty') }}

)

select
    user_id,
    count(*) as transaction_count,
    {%- for type, column in point_columns().items() %}
    {{ points_of(type) }} as {{ column }}_points,
    {%- endfor %}
    cast(sum(signed_points) as bigint) as balance,
    cast(count_if(is_overdraft) as bigint) as overdrafts,
    min(transaction_at) as first_transaction_at,
    max(transaction_at) as last_transaction_at
from transactions
group by user_id
