-- Whom to e-mail: those by whose leaving most orders are lost, their weekly orders times the chance that they stop.
with

ordering as (

    select
        *,
        order_count_28d / 4.0 as orders_a_week
    from {{ ref('dim_users') }}
    where
        probability_dead is not null
        and order_count_28d > 0

),

ranked as (

    select
        *,
        probability_dead * orders_a_week as orders_at_risk_a_week,
        sum(probability_dead * orders_a_week) over () as all_orders_at_risk
    from ordering

)

select
    user_id,
    round(orders_at_risk_a_week, 3) as orders_at_risk_a_week,
    round(100 * orders_at_risk_a_week / all_orders_at_risk, 1) as percent_of_all_at_risk,
    round(probability_dead, 3) as probability_dead,
    order_count_28d,
    order_value,
    acquisition_channel,
    device_type,
    days_since_active
from ranked
order by orders_at_risk_a_week desc, user_id asc
limit 25
