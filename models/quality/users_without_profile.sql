with

profiles as (

    select * from {{ ref('stg_platform__users') }}

),

told as (

    select
        'user_activity' as feed,
        user_id
    from {{ ref('stg_platform__activity_sessions') }}

    union all

    select
        'recommendations' as feed,
        user_id
    from {{ ref('stg_platform__recommendations') }}

    union all

    select
        'chat_events' as feed,
        user_id
    from {{ ref('stg_chatbot__chat_events') }}

    union all

    select
        'onboarding_events' as feed,
        user_id
    from {{ ref('stg_onboarding__events') }}

    union all

    select
        'orders' as feed,
        user_id
    from {{ ref('stg_platform__orders') }}

    union all

    select
        'point_transactions' as feed,
        user_id
    from {{ ref('stg_loyalty__point_transactions') }}

    union all

    select
        'experiment_exposures' as feed,
        user_id
    from {{ ref('stg_experiments__exposures') }}

)

select
    told.feed,
    count(*) as accepted_rows,
    count(case when profiles.user_id is null then 1 end) as rows_without_profile,
    count(distinct told.user_id) as users,
    count(distinct case when profiles.user_id is null then told.user_id end) as users_without_profile
from told
left join profiles on told.user_id = profiles.user_id
group by told.feed
