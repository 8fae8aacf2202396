-- Which mix of recommendations goes with the most engaged sessions? Small mixes say little: read `sessions` first.
with

mixes as (

    select * from {{ ref('agg_recommendation_mixes') }}

)

select
    recommendation_types,
    sessions,
    round(median_score, 2) as median_score,
    round(p25_score, 2) as p25_score,
    round(p75_score, 2) as p75_score,
    round(median_score - max(case when recommendation_types = 'none' then median_score end) over (), 2)
        as median_above_none
from mixes
order by 3 desc, 1 asc
