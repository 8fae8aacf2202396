with

sessions as (

    select
        feedback_rating,
        ctr_basis,
        per_session_ctr
    from {{ ref('fct_activity_sessions') }}
    where per_session_ctr is not null

),

grouped as (

    select * from sessions

    union all

    select
        feedback_rating,
        'all' as ctr_basis,
        per_session_ctr
    from sessions

)

select
    feedback_rating,
    ctr_basis,
    count(*) as sessions,
    {{ mean('per_session_ctr') }} as avg_ctr,
    percentile_cont(0.25) within group (order by per_session_ctr) as p25_ctr,
    median(per_session_ctr) as median_ctr,
    percentile_cont(0.75) within group (order by per_session_ctr) as p75_ctr
from grouped
group by feedback_rating, ctr_basis
