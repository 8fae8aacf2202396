with

checked as (

    select * from {{ ref('base_platform__orders') }}

)

select
    order_id,
    user_id,
    ordered_at,
    order_value
from checked
where outcome = 'accepted'
