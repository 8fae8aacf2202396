-- When do users prefer to talk? The busiest hours of the week, and whether those who talk then are engaged.
select
    case iso_weekday
        when 1 then 'Monday'
        when 2 then 'Tuesday'
        when 3 then 'Wednesday'
        when 4 then 'Thursday'
        when 5 then 'Friday'
        when 6 then 'Saturday'
        else 'Sunday'
    end as weekday,
    hour,
    sessions,
    round(100.0 * sessions / sum(sessions) over (), 2) as percent_of_sessions,
    round(avg_score, 2) as avg_score
from {{ ref('agg_session_times') }}
order by sessions desc, iso_weekday asc, hour asc
limit 20
