with

sessions as (

    select
        {{ in_reporting_time('started_at') }} as started_locally_at,
        is_first_session,
        is_late_revised
    from {{ ref('fct_sessions') }}

)

select
    cast(started_locally_at as date) as started_on,
    cast(extract(hour from started_locally_at) as bigint) as hour,
    cast({{ iso_weekday('started_locally_at') }} as bigint) as iso_weekday,
    count(*) as sessions,
    cast(count_if(is_first_session) as bigint) as first_sessions,
    cast(count_if(is_late_revised) as bigint) as late_revised_sessions
from sessions
group by 1, 2, 3
