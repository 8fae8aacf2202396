-- How many users will order nothing in the next week, and how many of those who used to order?
with

predictions as (

    select * from {{ ref('ml_predictions') }}

),

people as (

    select * from {{ ref('dim_users') }}

),

probabilities as (

    select
        predictions.user_id,
        predictions.cutoff_at,
        predictions.model,
        predictions.prediction,
        people.probability_dead is not null as was_ordering
    from predictions
    inner join people on predictions.user_id = people.user_id
    where predictions.target = 'no_order_next_week'

)

select
    case when was_ordering then 'ordered in the last five weeks' else 'did not' end as who,
    any_value(cutoff_at) as week_from,
    any_value(model) as model_used,
    count(*) as user_count,
    round(sum(prediction), 1) as expected_without_order,
    -- Users decide independently of each other: the variance of a sum is the sum of the variances.
    round(1.96 * sqrt(sum(prediction * (1 - prediction))), 1) as give_or_take,
    round(100 * avg(prediction), 1) as percent_without_order
from probabilities
group by was_ordering
order by was_ordering desc
