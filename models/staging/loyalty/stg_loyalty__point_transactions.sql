with

checked as (

    select * from {{ ref('base_loyalty__point_transactions') }}

)

select
    transaction_id,
    user_id,
    transaction_at,
    transaction_type,
    points,
    case when transaction_type in ('redeem', 'expire') then -points else points end as signed_points
from checked
where outcome = 'accepted'
