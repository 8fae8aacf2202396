with

user_days as (

    select
        *,
        {{ period_index('day', period_start('day', as_of('activity'))) }} - {{ period_index('day', 'active_on') }}
            as days_ago
    from {{ ref('int_user_days_united') }}
    where first_active_at <= {{ as_of('activity') }}

)

select
    user_id,
    min(first_active_at) as first_active_at,
    max(last_active_at) as last_active_at,
    min(days_ago) as days_since_active,
    count(*) as active_days,
    count_if(days_ago < 7) as active_days_7d,
    count_if(days_ago < 28) as active_days_28d,
    sum(message_count + moderated_message_count) as message_count,
    sum(case when days_ago < 7 then message_count + moderated_message_count else 0 end) as message_count_7d,
    sum(case when days_ago < 28 then message_count + moderated_message_count else 0 end) as message_count_28d
from user_days
group by user_id
