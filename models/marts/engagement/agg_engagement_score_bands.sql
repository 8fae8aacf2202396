with

sessions as (

    select
        {{ band_start('user_engagement_score', var('engagement_score_band_width')) }} as band_start
    from {{ ref('fct_activity_sessions') }}

),

bands as (

    select
        band_start,
        count(*) as sessions
    from sessions
    group by band_start

)

select
    cast(band_start as double) as band_start,
    cast(band_start + {{ var('engagement_score_band_width') }} as double) as band_end,
    sessions,
    {{ ratio('sessions', 'sum(sessions) over ()') }} as session_share
from bands
