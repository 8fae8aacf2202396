with

sessions as (

    select
        floor(user_engagement_score / {{ var('engagement_score_band_width') }}) as band_number
    from {{ ref('fct_activity_sessions') }}

),

bands as (

    select
        band_number,
        count(*) as sessions
    from sessions
    group by band_number

)

select
    cast(band_number * {{ var('engagement_score_band_width') }} as double) as band_start,
    cast((band_number + 1) * {{ var('engagement_score_band_width') }} as double) as band_end,
    sessions,
    {{ ratio('sessions', 'sum(sessions) over ()') }} as session_share
from bands
