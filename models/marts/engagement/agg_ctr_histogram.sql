with

sessions as (

    select
        feedback_rating,
        {{ band_start('per_session_ctr', var('ctr_bin_width')) }} as band_start
    from {{ ref('fct_activity_sessions') }}
    where per_session_ctr is not null

)

select
    feedback_rating,
    cast(band_start as double) as bin_start,
    cast(band_start + {{ var('ctr_bin_width') }} as double) as bin_end,
    count(*) as sessions
from sessions
group by feedback_rating, band_start
