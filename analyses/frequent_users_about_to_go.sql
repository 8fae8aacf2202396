-- Which of the users who order most often are about to go? Most likely to be dead first, with what speaks for it.
with

frequent as (

    select
        *,
        ntile(4) over (order by order_count desc, user_id asc) as order_quartile
    from {{ ref('dim_users') }}
    where probability_dead is not null

)

select
    user_id,
    round(probability_dead, 3) as probability_dead,
    order_count,
    order_count_28d,
    last_ordered_at,
    days_since_active,
    active_days_28d,
    segment,
    predicted_from
from frequent
where order_quartile = 1
order by probability_dead desc, order_count desc, user_id asc
limit 20
