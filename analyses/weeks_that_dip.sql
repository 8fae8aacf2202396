-- Which weeks dip? A week dips where its median score lies more than 10 % below the median of the four weeks before it.
-- The first and the last week may be cut off by the data.
with

weeks as (

    select
        period_start,
        sessions,
        median_score,
        median(median_score) over (
            order by period_start
            rows between 4 preceding and 1 preceding
        ) as median_of_four_weeks_before
    from {{ ref('agg_engagement_trends') }}
    where period_grain = 'week'

)

select
    period_start,
    sessions,
    round(median_score, 2) as median_score,
    round(median_of_four_weeks_before, 2) as median_of_four_weeks_before,
    round(100 * (median_score / median_of_four_weeks_before - 1), 1) as change_percent
from weeks
where median_score < 0.9 * median_of_four_weeks_before
order by period_start
