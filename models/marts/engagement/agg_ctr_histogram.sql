with

sessions as (

    select
        feedback_rating,
        {{ band_start('per_session_ctr', var('ctr_bin_width')) }} as bin_start
    from {{ ref('fct_activity_sessions') }}
    where per_session_ctr is not null

)

select
    feedback_rating,
    cast(bin_start as double) as bin_start,
    cast(bin_start + {{ var('ctr_bin_width') }} as double) as bin_end,
    count(*) as sessions
from sessions
group by feedback_rating, sessions.bin_start
