{% set dead_after_weeks = var('dead_after_weeks') %}
{% set test_cutoffs = var('test_cutoffs') %}

with

features as (

    select
        user_id,
        cutoff_at,
        week_index,
        orders_week_1 + orders_week_2 + orders_week_3 + orders_week_4 + orders_week_5 > 0 as was_ordering
    from {{ ref('int_user_features') }}

),

user_weeks as (

    select
        user_id,
        week_index,
        sum(order_count) as order_count
    from {{ ref('int_user_weeks_summarized') }}
    where order_count > 0
    group by user_id, week_index

),

-- The week that as_of lies in is not over.
known as (

    select {{ week_of(as_of('orders')) }} as current_week

),

-- Predictions are judged by the newest complete cut-offs and learned from those before them.
bounds as (

    select
        known.current_week,
        least(max(cutoffs.week_index), known.current_week - 1) - {{ test_cutoffs - 1 }} as first_next_week_test,
        least(max(cutoffs.week_index), known.current_week - {{ dead_after_weeks }}) - {{ test_cutoffs - 1 }}
            as first_dead_test
    from {{ ref('int_cutoffs_spanned') }} as cutoffs
    cross join known
    group by known.current_week

),

observed as (

    select
        features.user_id,
        features.cutoff_at,
        features.week_index,
        features.was_ordering,
        bounds.first_next_week_test,
        bounds.first_dead_test,
        features.week_index + 1 <= bounds.current_week as is_complete_next_week,
        features.week_index + {{ dead_after_weeks }} <= bounds.current_week as is_complete_dead,
        coalesce(sum(case when user_weeks.week_index = features.week_index then user_weeks.order_count end), 0)
            as orders_next_week,
        coalesce(sum(user_weeks.order_count), 0) as orders_until_dead
    from features
    cross join bounds
    left join user_weeks
        on
            features.user_id = user_weeks.user_id
            and features.week_index <= user_weeks.week_index
            and features.week_index + {{ [dead_after_weeks, 1] | max }} > user_weeks.week_index
    group by
        features.user_id,
        features.cutoff_at,
        features.week_index,
        features.was_ordering,
        bounds.current_week,
        bounds.first_next_week_test,
        bounds.first_dead_test

)

select
    user_id,
    cutoff_at,
    week_index,
    was_ordering,
    coalesce(is_complete_next_week, false) as is_complete_next_week,
    case when is_complete_next_week then cast(orders_next_week as bigint) end as orders_next_week,
    coalesce(is_complete_dead, false) as is_complete_dead,
    case when was_ordering and is_complete_dead then orders_until_dead = 0 end as is_dead,
    case
        when not is_complete_next_week then null
        when week_index >= first_next_week_test then 'test'
        when week_index + 1 <= first_next_week_test then 'train'
    end as next_week_split,
    case
        when not (was_ordering and is_complete_dead) then null
        when week_index >= first_dead_test then 'test'
        when week_index + {{ dead_after_weeks }} <= first_dead_test then 'train'
    end as dead_split
from observed
