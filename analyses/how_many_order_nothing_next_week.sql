-- How many users will order nothing in the next week, and how many of those who used to order?
with

people as (

    select
        *,
        probability_dead is not null as was_ordering
    from {{ ref('dim_users') }}
    where probability_no_order_next_week is not null

)

select
    case when was_ordering then 'ordered in the last five weeks' else 'did not' end as who,
    any_value(predicted_from) as week_from,
    count(*) as user_count,
    round(sum(probability_no_order_next_week), 1) as expected_without_order,
    -- Users decide independently of each other: the variance of a sum is the sum of the variances.
    round(1.96 * sqrt(sum(probability_no_order_next_week * (1 - probability_no_order_next_week))), 1) as give_or_take,
    round(100 * avg(probability_no_order_next_week), 1) as percent_without_order
from people
group by was_ordering
order by was_ordering desc
