with

sessions as (

    select
        feedback_rating,
        floor({{ exact('per_session_ctr') }} / {{ var('ctr_bin_width') }}) as bin_number
    from {{ ref('fct_activity_sessions') }}
    where per_session_ctr is not null

)

select
    feedback_rating,
    cast(bin_number * {{ var('ctr_bin_width') }} as double) as bin_start,
    cast((bin_number + 1) * {{ var('ctr_bin_width') }} as double) as bin_end,
    count(*) as sessions
from sessions
group by feedback_rating, bin_number
